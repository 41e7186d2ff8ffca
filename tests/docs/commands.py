"""Which tests run the commands of the pages, in one place.

A program of tools/ is also found in `tests/tools/test_NAME.py`, a sub-command of mmgsf in
`tests/cli/test_NAME.py`; neither stands here. Each option and each variable that a page gives to a program must stand in a test
that runs it.
"""

ENVIRONMENT = ('.ci/run', 'tools/environment.sh')
TRAIN = (
    'tests/tools/test_single_process.py',
    'tests/tools/test_distributed.py',
    'tests/tools/running.py',
)
TEST = (*TRAIN, 'tests/tools/test_protocol.py')

# Files that run a program; the continuous integration counts as one.
RUN_BY: dict[str, tuple[str, ...]] = {
    'tools/train.py': TRAIN,
    'tools/test.py': TEST,
    'tools/dist_train.sh': (*TRAIN, 'tests/tools/test_interruption.py'),
    'tools/dist_test.sh': TEST,
    'tools/slurm_train.sh': ('tests/tools/test_slurm.py', *TRAIN),
    'tools/slurm_test.sh': ('tests/tools/test_slurm.py',),
    'tools/prepare_data.py': (
        'tests/datasets/preparation/calls.py',
        'tests/datasets/preparation/test_prepare.py',
        'tests/datasets/preparation/test_prepare_reencoded.py',
        'tests/tools/test_distributed.py',
        'tests/tools/test_own_data.py',
    ),
    'tools/test_exported.py': ('tests/tools/test_export.py',),
    'docs/examples/recognize_onnx.py': ('tests/tools/test_export.py',),
    'tools/publish_model.py': ('tests/tools/publishing.py',),
    'tools/zoo/judge_footage.py': ('tests/tools/test_zoo.py',),
    'tools/zoo/train_all.py': ('tests/tools/test_train_all.py', 'tests/study/test_runs.py'),
    'tools/zoo/study_report.py': ('tests/tools/test_train_all.py',),
    'tools/epic_eval.py': ('tests/tools/test_epic.py',),
    'tools/epic_submission.py': ('tests/tools/test_epic.py',),
    'tools/model_table.py': ('tests/test_readme.py',),
    'tools/soak.py': ('tests/engine/exact/test_soak.py',),
    'tools/fuzz_videos.py': ('tests/datasets/damaged/test_fuzz.py',),
    'tools/quickstart.sh': ENVIRONMENT,
    'tools/run_tests.sh': ENVIRONMENT,
    'pip': (*ENVIRONMENT, 'tests/test_packaging.py'),
    'mim': (
        'tests/tools/test_single_process.py',
        'tests/test_mim.py',
        'tests/test_packaging.py',
    ),
    'ruff': ('tools/run_tests.sh',),
    'mkdocs': ('tests/docs/test_site.py',),
    'pytest': ('tools/run_tests.sh',),
}

# Pages whose test takes the commands from the page and runs them.
RUN_FROM_THE_PAGE = {'docs/own_data.md': 'tests/tools/test_own_data.py'}

# Programs that tests run on small files which they make in a provider's format, or that read no file of a
# benchmark; any other one that names a benchmark's config or folder takes its real files.
WITHOUT_REAL_FILES = (
    'tools/prepare_data.py',
    'tools/convert_checkpoint.py',
    'tools/ensemble.py',
    'tools/epic_eval.py',
    'tools/scaling.py',
    'mmgsf recognize',
)

# Commands that tests/docs/test_commands.py runs word for word.
RUN_HERE = (
    'python tools/scaling.py configs/gsf_r50_ssv2.py --gpus 64 --gpu-tflops 989 --utilisation 0.15 '
    '--storage-mb-s 20000',
)

# The program whose options a launcher passes on.
PASSES_ON = {
    'tools/dist_train.sh': 'tools/train.py',
    'tools/dist_test.sh': 'tools/test.py',
    'tools/slurm_train.sh': 'tools/train.py',
    'tools/slurm_test.sh': 'tools/test.py',
}

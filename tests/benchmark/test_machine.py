"""What is said of a machine is what its own files say."""

import pytest

from mmgsf.benchmark import machine

X86 = 'processor\t: 0\nmodel name\t: Abacus 9\nflags\t\t: fpu sse avx512_bf16 x\n\nmodel name\t: other\n'
ARM = 'processor\t: 0\nFeatures\t: fp asimd bf16\n'


@pytest.mark.parametrize(
    ('text', 'name', 'flags'), [(X86, 'Abacus 9', ['avx512_bf16']), (ARM, None, ['bf16'])]
)
def test_processor_and_its_bfloat16(tmp_path, monkeypatch, text, name, flags):
    file = tmp_path / 'cpuinfo'
    file.write_text(text)
    monkeypatch.setattr(machine, 'CPU_INFO', file)
    assert machine.native_bfloat16() == flags
    assert machine.processor()
    assert name in (None, machine.processor())


def test_system_without_such_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, 'CPU_INFO', tmp_path / 'none')
    found = machine.describe_machine()
    assert found['bfloat16'] == []
    assert found['processor']
    assert found['cores'] >= 1

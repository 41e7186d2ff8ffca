"""Optimiser set-up with the parameter groups that the authors' code declares, and never used."""

from mmaction.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS
from mmengine.optim import DefaultOptimWrapperConstructor, OptimWrapper
from torch import nn

from mmgsf import compat

NORMS = (
    nn.modules.batchnorm._NormBase,
    nn.GroupNorm,
    nn.LayerNorm,
)


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class TSNPolicyConstructor(DefaultOptimWrapperConstructor):
    """Groups parameters by the policy of TSN (Wang et al., ECCV 2016), as GSF's code declares it.

    Biases learn at twice the rate and do not decay, norms do not decay, all else is plain. Every
    trainable parameter is in exactly one group, whatever module holds it; MMAction2's
    TSMOptimWrapperConstructor raises on LayerNorm and drops bare parameters. The groups are plain
    dicts, so torch.compile can trace the optimiser.
    """

    def __call__(self, model: nn.Module) -> OptimWrapper:
        model = getattr(model, 'module', model)
        optimizer = OPTIMIZERS.build({**self.optimizer_cfg, 'params': self.groups(model)})
        compat.plain_param_groups(optimizer)
        wrapper_cfg = {'type': 'OptimWrapper', **self.optim_wrapper_cfg}
        return OPTIM_WRAPPERS.build(wrapper_cfg, default_args={'optimizer': optimizer})

    def groups(self, model: nn.Module) -> list[dict]:
        """The parameter groups: weights, biases, norms; empty ones are left out."""
        base = {'lr': self.base_lr, 'weight_decay': self.base_wd or 0.0}
        weights = {'params': [], **base}
        biases = {'params': [], 'lr': 2 * self.base_lr, 'weight_decay': 0.0}
        norms = {'params': [], 'lr': self.base_lr, 'weight_decay': 0.0}
        seen: set[int] = set()
        for module in model.modules():
            for name, parameter in module.named_parameters(recurse=False):
                if not parameter.requires_grad or id(parameter) in seen:
                    continue
                seen.add(id(parameter))
                if isinstance(module, NORMS):
                    norms['params'].append(parameter)
                elif name == 'bias':
                    biases['params'].append(parameter)
                else:
                    weights['params'].append(parameter)
        return [group for group in (weights, biases, norms) if group['params']]

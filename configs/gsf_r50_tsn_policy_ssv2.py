"""GSF-ResNet-50, 8 frames, Something-Something V2, with TSN's parameter groups.

    tools/dist_train.sh configs/gsf_r50_tsn_policy_ssv2.py 8

The authors' code declares these groups (biases at twice the rate and without decay, norms without
decay) but its optimiser never reads them; gsf_r50_ssv2.py is what they ran. Cost as there. Not
trained here; no published result.
"""

_base_ = 'gsf_r50_ssv2.py'

optim_wrapper = dict(constructor='TSNPolicyConstructor')

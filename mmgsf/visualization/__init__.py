"""Pictures of runs and predictions, and of what the network does with a video.

For each picture there is a function that gives a matplotlib Figure, one that writes it to a file, and
where it shows numbers, one that gives them as rows of a table.
"""

from .confusion import confusion_figure, confusion_table, draw_confusion
from .embedding import draw_embedding, embed, embedding_figure, embedding_table
from .energy import draw_energy, energy_figure, energy_table
from .explaining import (
    LayerExplanation,
    choose_layers,
    explain_layers,
    last_of_each_size,
    temporal_layers,
)
from .features import Features, dataset_features, pooled_features, read_features, write_features
from .fusion import draw_fusion, fusion_figure, fusion_table
from .gain import ClassGains, class_gains, draw_gain, gain_figure, gain_table
from .gates import draw_gates, gate_overlay, gate_table, gates_figure, write_gate_overlay
from .results import draw_curves, draw_film_strip
from .saliency import Saliency, draw_saliency, saliency, saliency_figure, saliency_table

__all__ = [
    'ClassGains',
    'Features',
    'LayerExplanation',
    'Saliency',
    'choose_layers',
    'class_gains',
    'confusion_figure',
    'confusion_table',
    'dataset_features',
    'draw_confusion',
    'draw_curves',
    'draw_embedding',
    'draw_energy',
    'draw_film_strip',
    'draw_fusion',
    'draw_gain',
    'draw_gates',
    'draw_saliency',
    'embed',
    'embedding_figure',
    'embedding_table',
    'energy_figure',
    'energy_table',
    'explain_layers',
    'fusion_figure',
    'fusion_table',
    'gain_figure',
    'gain_table',
    'gate_overlay',
    'gate_table',
    'gates_figure',
    'last_of_each_size',
    'pooled_features',
    'read_features',
    'saliency',
    'saliency_figure',
    'saliency_table',
    'temporal_layers',
    'write_features',
    'write_gate_overlay',
]

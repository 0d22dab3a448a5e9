"""Real logs for ``wd.diagnose``: small trainings in Keras, Lightning, Transformers and PyTorch, some with a mistake."""

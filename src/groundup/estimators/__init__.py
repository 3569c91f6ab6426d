"""The jobs as scikit-learn estimators."""

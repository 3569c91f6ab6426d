"""The real jobs: each binds data, model, loss, metric and prediction behind one small protocol."""

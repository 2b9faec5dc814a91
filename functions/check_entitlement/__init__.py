"""Tell a product whether a customer may use a meter or a feature right now."""

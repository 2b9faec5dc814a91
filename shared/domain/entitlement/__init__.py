"""What a customer may use: advice for products, which no quantity, window or invoice depends on."""

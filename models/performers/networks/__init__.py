"""The networks in torch: Performance RNN and Piano Transformer."""

"""Write what waits into the next file of its stream, and bring files to their receivers, manifest last."""

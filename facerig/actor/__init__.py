"""A model fitted to one actor: his recorded curves and sound in, a model file of his own out.

    takes -> hidden features of the model -> lag -> readout re-estimated -> checked -> file

Only the readout of the open shape is fitted, pulled towards the shipped one; what decides closures stays bit
for bit (facerig.encoder.lips seals by it, in millimetres), so that a fitted face closes its lips where the
shipped one does. `facerig fit` is the command; `facerig.actor.fitting.fit_to` the function.
"""

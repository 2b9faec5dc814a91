"""Every place where the local cloud reaches into moto: its time, its transactions, its state machine engine."""

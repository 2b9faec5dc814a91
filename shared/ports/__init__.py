"""What use cases need of the outside, as Protocols. An adapter and a fake satisfy each; one suite tests both."""

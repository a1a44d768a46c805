"""Ways to move one attribute towards a pole, ours and others', behind one batched decoder."""

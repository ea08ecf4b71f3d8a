"""What other sites show of the register: cards in frames, and the picture of a shared link."""

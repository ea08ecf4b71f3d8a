"""What anybody may take away: the register as files, its releases and their signatures."""

"""The web desk: an investigator's vault in her own browser, on her own machine only."""

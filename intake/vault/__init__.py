"""An investigator's vault: what was opened, on her own machine, encrypted as a whole.

Rules: nothing but ciphertext reaches the folder, a journal and a crash included; one program at a
time; locked, no key is held; no call that Windows lacks.
"""

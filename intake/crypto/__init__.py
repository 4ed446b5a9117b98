"""Sealing and opening. The only package that imports `cryptography`.

Public side: `bech32`, `armor`, `stream`, `age`. Secret side: `unseal`. The public side never
imports the secret one, so that a server which only seals cannot reach it.
"""

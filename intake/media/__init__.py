"""What a file reveals about its maker, and a cleaned copy of the same length.

`inspect.inspect` reads a file here and there, never whole, and returns what it found and the
patches that remove it; `draft.apply` lays them over a piece while the file streams past.
`intake/browser/media` says the same in TypeScript, module by module.

What stays: the picture, the sound and the words themselves, and what an encoder writes among
them. A cleaned copy hides who made it, not what it shows.
"""

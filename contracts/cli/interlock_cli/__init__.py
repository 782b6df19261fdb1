"""The pipeline's side of Interlock: a small client with the standard library only."""

VERSION = "0.1.0"

"""Muon: orthogonalised updates."""

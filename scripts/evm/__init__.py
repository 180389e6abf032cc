"""Test nodes of chains with an EVM, and what scripts/interop-evm asks of them."""

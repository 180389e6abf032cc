# The Python environment of the test nodes of chains with an EVM and of the contract's compiler; to be sourced after
# scripts/lib.sh.

EVM_PYTHON=.build/venv-evm/bin/python
make_evm_environment() {
    if "$EVM_PYTHON" -c 'import eth_tester, eth, vyper' 2> /dev/null; then return; fi
    say "Installing the EVM, its tester and the contract's compiler into .build/venv-evm"
    mkdir -p .build
    python3 -m venv .build/venv-evm
    "$EVM_PYTHON" -m pip install --quiet --disable-pip-version-check \
        'eth-tester[py-evm]==0.14.0b1' vyper==0.4.3
}

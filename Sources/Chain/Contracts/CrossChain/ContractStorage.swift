internal import IBTP
package import Ledger

extension ContractCall: InterchainStorage {
    package typealias Failure = ContractFailure
}

extension CrossChainCodes {
    /// Takes a step of a book over the call's state.
    ///
    /// - Throws: the code of what the book refuses.
    func book<Result>(
        _ step: () throws(BookFailure<ContractFailure>) -> Result
    ) throws(ContractFailure) -> Result {
        do throws(BookFailure<ContractFailure>) { return try step() } catch {
            switch error {
            case .refused(let refusal): throw .rejected(self.code(of: refusal), "\(refusal)")
            case .damaged(let failure): throw .damaged(failure)
            case .storage(let failure): throw failure
            }
        }
    }
}

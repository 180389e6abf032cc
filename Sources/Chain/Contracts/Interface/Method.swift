internal import CanonicalBytes
internal import Ledger

/// What one method does with its decoded arguments.
typealias Action<Arguments> = @Sendable (Arguments, ContractCall) throws(ContractFailure) -> Void

/// One method as the table of contracts lists it.
struct Method: Sendable {
    let contract: [UInt8]
    let name: [UInt8]
    let channels: [Channel]
    /// Decodes the arguments of a call and acts.
    let carryOut: @Sendable (ContractCall) throws(ContractFailure) -> Void

    init<Arguments: MethodArguments>(_ action: @escaping Action<Arguments>) {
        self.contract = Array(Arguments.contract.utf8)
        self.name = Array(Arguments.method.utf8)
        self.channels = Arguments.channels
        self.carryOut = { call throws(ContractFailure) in
            try call.charge(UInt64(call.arguments.count) / 32)
            let arguments: Arguments
            do throws(ProtocolFailure) { arguments = try Arguments(bytes: call.arguments) } catch {
                throw .rejected(.malformedArguments, error.description)
            }
            try action(arguments, call)
        }
    }
}

/// Throws unless the condition holds.
func ensure(
    _ condition: Bool,
    _ code: RejectionCode,
    _ detail: @autoclosure () -> String
) throws(ContractFailure) {
    guard condition else { throw .rejected(code, detail()) }
}

/// Work that one signature check is worth.
let signatureCost: UInt64 = 200

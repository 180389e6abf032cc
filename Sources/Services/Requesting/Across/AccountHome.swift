internal import CanonicalBytes
internal import ChainReading
package import Contracts
package import IBTP
internal import Ledger

/// A home chain that knows its callers by accounts, not by certificates: one with an EVM.
///
/// What it says of exchanges is as of its last final block.
package protocol AccountHome: Sendable {
    /// The account, as the chain's broker names it to others: `hub:chain:0x…`.
    var service: ServiceID { get }

    /// Opens an exchange in the account's name, and waits until a block has it, which may still go away.
    ///
    /// - Parameters:
    ///   - target: who is asked, and with what.
    ///   - timeoutBlocks: blocks of the relay chain after which it is undone; 0: never.
    /// - Returns: the exchange.
    /// - Throws: what keeps it from being opened; then it may be tried again.
    func open(_ target: CallService.Target, timeoutBlocks: UInt64) async throws -> MessageID

    /// The exchange that the account has opened with the very same content and extension; nil when no block has one.
    func exchange(like target: CallService.Target) async throws -> MessageID?

    /// How far the broker has closed an exchange: open, succeeded or failed.
    func stage(of id: MessageID) async throws -> ExchangeStage
}

extension CarriedRequests {
    /// Opens the exchange in an account's name.
    ///
    /// The content is on the disk before; its extension's nonce is this exchange's alone, by which it is found again. One
    /// that a reorganisation takes out of the chain before it is final is asked again by its account's node; one that is
    /// opened twice because nobody saw the first is answered twice alike.
    func called(
        _ record: CarriedRecord,
        _ scope: ScopeFolder,
        by account: any AccountHome
    ) async throws -> CarriedRecord {
        guard let bytes = [UInt8](hex: record.call), let call = try? CallService(bytes: bytes),
            let target = call.targets.first
        else { throw ShareFolderError.damaged("\(scope.share.path)/\(scope.name(.exchange))") }
        let id: MessageID
        do {
            if let known = try await account.exchange(like: target) {
                id = known
            } else {
                id = try await account.open(target, timeoutBlocks: call.timeoutBlocks)
            }
        } catch {
            throw ShareTrouble(.request, isWaiting: true, "the home chain did not open the exchange: \(error)")
        }
        var record = record
        record.exchange = id.description
        try scope.write(record)
        self.progress(.called(exchange: id.description))
        return record
    }
}

extension ExchangeStage {
    /// As ``read(_:home:data:)``, for an exchange of an account.
    static func read(
        _ id: MessageID,
        account: any AccountHome,
        data: any RequesterChain
    ) async throws -> ExchangeStage {
        let stage = try await account.stage(of: id)
        guard stage == .called else { return stage }
        return try await data.fact(of: InterchainKey.asked(id), on: .access).value == nil ? .called : .delivered
    }
}

extension ShareStatus {
    /// As ``read(home:data:)``, over any kind of chain.
    package mutating func read(over asking: AskingChain, data: any RequesterChain) async throws {
        switch asking {
        case .own(let home): try await self.read(home: home.chain, data: data)
        case .account(let account):
            for place in self.scopes.indices {
                guard let id = self.scopes[place].exchange?.id.flatMap({ try? MessageID($0) }) else { continue }
                self.scopes[place].exchange?.move(to: try await ExchangeStage.read(id, account: account, data: data))
            }
        }
    }
}

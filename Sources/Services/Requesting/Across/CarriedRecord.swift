internal import CanonicalBytes
internal import Foundation
internal import IBTP
internal import Ledger

/// How far the request of one scope is on its way over the relay chain, as `exchange.json` keeps it.
///
/// Both transactions are signed and on the disk before the first of them is sent: whoever is killed goes on with the same
/// ones, and the chains take each only once.
struct CarriedRecord: Codable, Equatable {
    var version = 1
    /// The asked service.
    var destination: String
    /// Digest of the share request, hexadecimal.
    var share: String
    /// Digest of the custodian's certificate that it is sealed to.
    var custodian: String
    /// The request for the data's chain.
    var inner: String
    /// The call on the home chain: a signed transaction, or of an account its content alone.
    var call: String
    /// Whether the home chain rejected that call, which it keeps: the next attempt needs another one.
    var isRejected = false
    /// `from-to-index`, when the home chain has given it.
    var exchange: String?

    /// - Throws: ``ShareFolderError/damaged(_:)``.
    func innerTransaction(_ scope: ScopeFolder) throws -> Transaction { try Self.transaction(self.inner, scope) }

    func callTransaction(_ scope: ScopeFolder) throws -> Transaction { try Self.transaction(self.call, scope) }

    private static func transaction(_ digits: String, _ scope: ScopeFolder) throws -> Transaction {
        guard let bytes = [UInt8](hex: digits), let transaction = try? Transaction(bytes: bytes) else {
            throw ShareFolderError.damaged("\(scope.share.path)/\(scope.name(.exchange))")
        }
        return transaction
    }

    /// The exchange's identifier; nil before the home chain gave it.
    var id: MessageID? { self.exchange.flatMap { try? MessageID($0) } }
}

extension ScopeFolder {
    func carried() throws -> CarriedRecord? {
        guard let bytes = try self.read(.exchange) else { return nil }
        guard let record = try? JSONDecoder().decode(CarriedRecord.self, from: Data(bytes)), record.version == 1 else {
            throw ShareFolderError.damaged("\(self.share.path)/\(self.name(.exchange))")
        }
        return record
    }

    func write(_ record: CarriedRecord) throws { try self.write(PlainText.json(record), to: .exchange) }
}

/// Over which chain a share is asked for, as `home.json` keeps it.
package struct HomeRecord: Sendable, Codable, Hashable {
    static let fileName = "home.json"

    /// Path of the home chain's consortium file.
    package let consortium: String
    /// The home chain's identifier.
    package let chain: String
    /// After how many blocks of the relay chain an exchange is undone; 0: never.
    package let timeoutBlocks: UInt64
    /// Whether an account of a chain of another make asks: then `consortium` is the file that describes it, and `chain`
    /// its name, `hub:chain`.
    package let isAccount: Bool?
    /// To what the routes of its requests have to keep; nil: nothing is demanded.
    package let routes: RoutePreference?

    package init(
        consortium: String,
        chain: String,
        timeoutBlocks: UInt64,
        isAccount: Bool = false,
        routes: RoutePreference? = nil
    ) {
        self.routes = routes
        self.consortium = consortium
        self.chain = chain
        self.timeoutBlocks = timeoutBlocks
        self.isAccount = isAccount ? true : nil
    }
}

extension ShareFolder {
    /// Over which chain the share is asked for; nil: at the data's chain itself.
    ///
    /// - Throws: ``ShareFolderError/damaged(_:)``.
    package func home() throws -> HomeRecord? {
        guard let bytes = try self.read(HomeRecord.fileName) else { return nil }
        guard let home = try? JSONDecoder().decode(HomeRecord.self, from: Data(bytes)) else {
            throw ShareFolderError.damaged("\(self.path)/\(HomeRecord.fileName)")
        }
        return home
    }
}

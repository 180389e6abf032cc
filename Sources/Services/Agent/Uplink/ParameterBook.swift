internal import Certificates
internal import Foundation
internal import IdentityEncryption

/// The public parameters under which epoch keys are encapsulated, by the data epoch from which on they are used.
struct ParameterBook: Sendable {
    /// A file of parameters that cannot be used.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    /// Ascending.
    private let entries: [(epoch: UInt64, parameters: IdentityParameters)]

    /// Reads and verifies files, each under the signatures of all its parties.
    ///
    /// - Parameters:
    ///   - files: in any order; none seals with the scope's key alone.
    ///   - issuer: of the parties' certificates.
    /// - Throws: ``Refusal`` for a file that is missing or does not verify, and for two of one epoch.
    init(files: [String], issuer: CertificateIssuer) throws {
        var entries: [(epoch: UInt64, parameters: IdentityParameters)] = []
        for path in files {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Refusal(description: "cannot read the identity parameters \(path)")
            }
            do {
                let file = try ParametersFile(bytes: [UInt8](data))
                _ = try file.verify(issuer: issuer)
                guard !entries.contains(where: { $0.epoch == file.epoch }) else {
                    throw Refusal(description: "\(path): there are parameters from epoch \(file.epoch) on already")
                }
                entries.append((file.epoch, file.parameters))
            } catch let refusal as Refusal {
                throw refusal
            } catch { throw Refusal(description: "the identity parameters \(path) cannot be used: \(error)") }
        }
        self.entries = entries.sorted { $0.epoch < $1.epoch }
    }

    private init() { self.entries = [] }

    /// The scope's key alone seals.
    static let none = ParameterBook()

    /// Whether envelopes need the epoch key as well.
    var isDualControl: Bool { !self.entries.isEmpty }

    /// The parameters of a data epoch; nil before the first.
    func parameters(at epoch: UInt64) -> IdentityParameters? { self.entries.last { $0.epoch <= epoch }?.parameters }
}

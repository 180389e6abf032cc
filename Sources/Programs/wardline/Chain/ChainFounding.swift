import ArgumentParser
import BLSCertificates
import CanonicalBytes
import Certificates
import Consensus
import Contracts
import Credentials
import Foundation
import Ledger
import P256Group
import Validator

/// A validator's description with the certificate that signed it: what whoever founds the chain gets.
///
/// `"WLVF" || LP(description) || LP(certificate)`.
struct MemberFile {
    static let name = "member.wlm"
    let description: MemberDescription
    let certificate: ImplicitCertificate

    var bytes: [UInt8] {
        var writer = CanonicalWriter(capacity: 1_024)
        writer.magic("WLVF")
        writer.lengthPrefixed(self.description.bytes)
        writer.lengthPrefixed(self.certificate.bytes)
        return writer.bytes
    }

    init(description: MemberDescription, certificate: ImplicitCertificate) {
        self.description = description
        self.certificate = certificate
    }

    /// Reads a file and checks that its party signed it.
    init(_ path: String, issuers: [TrustedIssuer]) throws {
        let bytes = try PrivateFile.read(path, upTo: 65_536, isSecret: false)
        do throws(ProtocolFailure) {
            var reader = CanonicalReader(bytes)
            try reader.magic("WLVF")
            self.description = try MemberDescription(bytes: try reader.lengthPrefixed())
            self.certificate = try ImplicitCertificate(bytes: try reader.lengthPrefixed())
            try reader.finish()
            let name = self.certificate.fields.issuer.utf8
            let issuer = issuers.first { $0.kind == .authority && $0.issuer.name.utf8.elementsEqual(name) }
            guard let issuer else {
                throw ProtocolFailure(.context, "its certificate is of \(self.certificate.fields.issuer), no --issuer")
            }
            try self.description.verify(certificate: self.certificate, issuer: issuer.issuer)
            try require(
                self.certificate.fields.notAfter >= Seconds.now && self.certificate.fields.notBefore <= Seconds.now,
                .time,
                "its certificate is not valid now"
            )
        } catch { throw CommandFailure("\(path): \(error)") }
    }
}

/// The public side of an authority, as `authority.json` in identity directories has it.
enum IssuerFile {
    private struct Record: Decodable {
        let name: String
        let publicKey: String

        enum CodingKeys: String, CodingKey {
            case name
            case publicKey = "public_key"
        }
    }

    static func read(_ path: String, kind: TrustedIssuer.Kind) throws -> TrustedIssuer {
        let bytes = try PrivateFile.read(path, upTo: 65_536, isSecret: false)
        let record = try PlainJSON.decode(Record.self, bytes, path)
        guard let encoded = [UInt8](hex: record.publicKey), let key = try? P256PublicKey(encoded) else {
            throw CommandFailure("\(path): public_key is no key")
        }
        return TrustedIssuer(kind: kind, issuer: CertificateIssuer(name: record.name, publicKey: key))
    }
}

struct ChainKeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a validator's keys, and the file that tells the others about them.",
        discussion: """
            DIRECTORY/validator.key stays where it is, mode 0600; a copy of it in a second running validator would make \
            both guilty of contradicting themselves. DIRECTORY/member.wlm, signed by the identity, goes to whoever runs \
            `wardline chain init`, or to the governors. Run again, it keeps the keys and writes the file anew.
            """
    )

    @Option(help: ArgumentHelp("The validator's identity.", valueName: "directory"), completion: .directory)
    var identity: String

    @Option(help: ArgumentHelp("The validator's directory.", valueName: "directory"), completion: .directory)
    var directory: String

    @Option(help: "The number that was agreed on; it is given by `chain init` otherwise.")
    var number: UInt16 = 0

    @Option(help: "The chain's certificates: bls, one aggregated signature, or ed25519, a list of signatures.")
    var certificates: CertificateKind = .bls

    func run() throws {
        try reportingFailure {
            let identity = try Identity.load(directory: self.identity)
            guard identity.name.role == .validator else {
                throw CommandFailure("\(self.identity) is of a \(identity.name.role.rawValue), not of a validator")
            }
            let isNew = !PrivateFile.exists("\(self.directory)/\(ValidatorKeys.fileName)")
            let keys =
                isNew
                ? try ValidatorKeys.generate(self.directory, kind: self.certificates.keys)
                : try ValidatorKeys.load(self.directory)
            let description = try MemberDescription(of: keys, number: self.number, identity: identity)
            let file = MemberFile(description: description, certificate: identity.certificate)
            let path = "\(self.directory)/\(MemberFile.name)"
            try PrivateFile.write(file.bytes, to: path)
            StandardError.write(isNew ? "made keys of \(identity.name)\n" : "the keys of \(identity.name) are kept\n")
            try StandardOutput.write("\(path)\n")
        }
    }
}

/// What the blocks of a chain are certified by.
enum CertificateKind: String, ExpressibleByArgument, CaseIterable {
    case bls, ed25519

    var keys: ValidatorKeys.Kind { self == .bls ? .bls : .ed25519 }
}

struct ChainInitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write the genesis of a new chain.",
        discussion: """
            Validators whose files name no number get the free ones from 1 on, in the order given. Every party compares \
            the digest that is printed by a way of its own. Run again with the same options, it changes nothing.
            """
    )

    @Option(help: "The chain's name: letters, digits, _ . -")
    var chain: String

    @Option(name: .customLong("member"), help: "A validator's member.wlm (four or more).", completion: .file())
    var members: [String]

    @Option(
        name: .customLong("issuer"),
        help: "An authority's public side, authority.json of any identity it certified; may be repeated.",
        completion: .file()
    )
    var issuers: [String]

    @Option(name: .customLong("pseudonym-issuer"), help: "The same of a pseudonym authority.", completion: .file())
    var pseudonymIssuers: [String] = []

    @Option(name: .customLong("governor"), help: "Who decides about the chain: organization:role:name (repeatable).")
    var governors: [String]

    @Option(help: "Governors that a decision needs; more than half of them by default.")
    var threshold: Int?

    @Option(name: .customLong("parameter"), help: "A parameter of the chain, name=value; may be repeated.")
    var parameters: [String] = []

    @Option(help: "Blocks that one leader proposes before the next one's turn; 0: until it fails.")
    var blocksPerLeader: UInt64 = 0

    @Option(help: "The file to write.", completion: .file(extensions: ["wlg"]))
    var output: String

    func run() throws {
        try reportingFailure {
            let existing = PrivateFile.exists(self.output) ? try GenesisOption.read(self.output) : nil
            let now = UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
            let genesis = try self.genesis(time: existing?.time ?? now)
            if let existing {
                guard existing == genesis else {
                    throw CommandFailure("\(self.output) holds another genesis; it is not overwritten")
                }
                StandardError.write("\(self.output) holds this genesis already; nothing was changed\n")
            } else {
                try PrivateFile.write(genesis.bytes, to: self.output)
            }
            for validator in genesis.validators {
                StandardError.write("validator \(validator.id.number): \(validator.name)\n")
            }
            try StandardOutput.write("\(genesis.digest.hex)\n")
        }
    }

    private func genesis(time: UInt64) throws -> Genesis {
        let issuers =
            try self.issuers.map { try IssuerFile.read($0, kind: .authority) }
            + self.pseudonymIssuers.map { try IssuerFile.read($0, kind: .pseudonymAuthority) }
        let members = try self.numbered(self.members.map { try MemberFile($0, issuers: issuers).description })
        guard members.count >= 4 else { throw CommandFailure("a chain that survives a faulty member has four or more") }
        let governors = try Names.parties(self.governors)
        let committee = Committee(
            epoch: 0,
            members: members.map { Member(id: $0.id, votingKey: $0.member.votingKey, shareKey: $0.member.shareKey) },
            blocksPerLeader: self.blocksPerLeader
        )
        guard let committee else { throw CommandFailure("two validators have the same number") }
        let keys = members.map(\.member.votingKey) + members.map(\.member.shareKey)
        guard Set(keys).count == keys.count else { throw CommandFailure("two validators have the same key") }
        guard ChainSignatures.scheme(of: committee) != nil else {
            throw CommandFailure(
                "the validators' keys are for certificates of several kinds, or without proof of possession; all "
                    + "members need the same --certificates in `wardline chain keygen`"
            )
        }
        return try Genesis(
            chain: self.chain,
            time: time,
            committee: committee,
            validators: members.map { .init(id: $0.id, name: $0.member.party) },
            issuers: issuers,
            governors: governors,
            governorThreshold: self.threshold ?? governors.count / 2 + 1,
            parameters: try self.parsedParameters()
        )
    }

    private func numbered(_ members: [MemberDescription]) throws -> [(id: ReplicaID, member: MemberDescription)] {
        var taken = Set(members.map(\.number))
        var next: UInt16 = 1
        var numbered: [(id: ReplicaID, member: MemberDescription)] = []
        for member in members {
            if member.number > 0 {
                numbered.append((ReplicaID(member.number), member))
                continue
            }
            while taken.contains(next) { next += 1 }
            taken.insert(next)
            numbered.append((ReplicaID(next), member))
        }
        return numbered.sorted { $0.id < $1.id }
    }

    private func parsedParameters() throws -> [(name: String, value: UInt64)] {
        try self.parameters.map { text in
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let value = UInt64(parts[1]) else {
                throw CommandFailure("'\(text)' is not name=value")
            }
            try ParameterCheck.require(parts[0], value)
            return (parts[0], value)
        }.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    }
}

/// Names of parties on the command line.
enum Names {
    /// Ascending, as the ledger wants them.
    static func parties(_ texts: [String]) throws -> [PartyName] {
        try texts.map { text in
            guard let party = PartyName(text) else {
                throw CommandFailure("'\(text)' is no party; organization:role:name is one")
            }
            return party
        }.sorted { Array($0.description.utf8).lexicographicallyPrecedes(Array($1.description.utf8)) }
    }
}

/// Parameters of chains on the command line.
enum ParameterCheck {
    static func require(_ name: String, _ value: UInt64) throws {
        guard let range = ContractParameter.range(of: name) else {
            let known = (ChainParameter.allCases.map(\.rawValue) + ContractParameter.allCases.map(\.rawValue)).sorted()
            throw CommandFailure("there is no parameter '\(name)'; there are \(known.joined(separator: ", "))")
        }
        guard range.contains(value) else {
            throw CommandFailure("\(name) is \(range.lowerBound) to \(range.upperBound)")
        }
    }
}

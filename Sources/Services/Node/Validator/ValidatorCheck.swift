internal import CanonicalBytes
internal import Certificates
internal import Consensus
internal import Credentials
internal import Ledger
internal import Validator

/// Whether a validator's identity, keys, genesis and peers belong together.
enum ValidatorCheck {
    /// Requires an identity of a validator.
    ///
    /// - Throws: `CredentialsError`.
    static func requireRole(_ identity: Identity) throws {
        guard identity.name.role == .validator else {
            throw CredentialsError.malformed(
                "\(identity.directory) is of a \(identity.name.role.rawValue), not of a validator"
            )
        }
    }

    /// Sentences about what does not fit, and how to mend it.
    static func problems(of configuration: ValidatorRoleConfiguration) -> [String] {
        let settings = configuration.validator
        var problems: [String] = []
        var keys: ValidatorKeys?
        do throws(CredentialsError) { keys = try ValidatorKeys.load(settings.directory) } catch {
            problems.append("validator.directory: \(error); `wardline chain keygen` makes the keys")
        }
        guard let genesis = self.genesis(settings.genesisFile, &problems) else { return problems }
        let identity = try? Identity.load(directory: settings.identityDirectory)
        let own = self.number(settings, genesis, identity?.name, &problems)
        if let keys, let own, let listed = genesis.committee.member(own), keys.member(own) != listed {
            problems.append(
                "validator.directory: \(ValidatorKeys.fileName) does not hold the keys that the genesis lists for "
                    + "validator \(own.number)"
            )
        }
        return problems + self.peers(configuration, genesis, own)
    }

    private static func genesis(_ path: String, _ problems: inout [String]) -> Genesis? {
        do throws(CredentialsError) {
            let bytes = try PrivateFile.read(path, upTo: 64 << 20, isSecret: false)
            do throws(ProtocolFailure) { return try Genesis(bytes: bytes) } catch {
                problems.append("validator.genesis: \(path) is no genesis: \(error)")
            }
        } catch { problems.append("validator.genesis: \(error); get it from whoever ran `wardline chain init`") }
        return nil
    }

    /// The own number, unless it does not fit; a member of a later committee states it in the configuration.
    private static func number(
        _ settings: ValidatorConfiguration,
        _ genesis: Genesis,
        _ name: PartyName?,
        _ problems: inout [String]
    ) -> ReplicaID? {
        let listed = genesis.validators.first { $0.name == name }?.id
        guard let number = settings.number.map({ ReplicaID($0) }) else {
            if listed == nil, let name {
                problems.append(
                    "validator.number: the genesis does not list \(name); state the number that the governors gave it"
                )
            }
            return listed
        }
        if let listed, listed != number {
            problems.append("validator.number: the genesis gives \(listed.number) to this identity")
            return nil
        }
        if let other = genesis.validators.first(where: { $0.id == number })?.name, let name, other != name {
            problems.append("validator.number: the genesis gives \(number.number) to \(other), not to \(name)")
            return nil
        }
        return number
    }

    private static func peers(
        _ configuration: ValidatorRoleConfiguration,
        _ genesis: Genesis,
        _ own: ReplicaID?
    ) -> [String] {
        var problems: [String] = []
        for peer in configuration.peers {
            let id = ReplicaID(peer.number)
            if id == own { problems.append("validator.peers: \(peer.number) is this validator's own number") }
            guard let name = genesis.validators.first(where: { $0.id == id })?.name, name != peer.name else { continue }
            problems.append("validator.peers: the genesis gives \(peer.number) to \(name), not to \(peer.name)")
        }
        for validator in genesis.validators where validator.id != own {
            guard !configuration.peers.contains(where: { $0.number == validator.id.number }) else { continue }
            problems.append("validator.peers: \(validator.id.number) (\(validator.name)) has no address")
        }
        return problems
    }
}

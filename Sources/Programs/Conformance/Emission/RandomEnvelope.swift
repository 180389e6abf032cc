internal import CanonicalBytes
internal import Certificates
internal import Signcryption

/// A random envelope in a random scope, opened by its owner and through a grant.
struct RandomEnvelope {
    private let consortium: RandomConsortium
    private let owner: RandomConsortium.Party
    /// `d_scope` and `Q_scope`.
    private let scope: JSONObject
    /// `descriptor`, `owner_cert` and the issuer.
    private let described: JSONObject
    /// `envelope`, `sender_cert` and the issuer.
    private let sent: JSONObject
    private let records: JSONValue
    /// `k_epoch` in mode 1.
    private let epochKey: JSONObject
    /// `capsule` in mode 1, else `single_control`.
    private let control: JSONObject

    private static let time: JSONObject = ["now": .integer(RandomConsortium.now)]

    /// Plays scope, descriptor, sealing, verification and opening.
    init(_ writer: inout CaseWriter, _ consortium: RandomConsortium) throws {
        self.consortium = consortium
        self.owner = try consortium.party("owner", [.sign, .keyExchange], &writer)
        let sender = try consortium.party("gateway", .sign, &writer)
        let label = Chance.word()
        let epoch = Chance.integer()
        let place: JSONObject = [
            "owner": .string(self.owner.name), "label": .string(label), "epoch": .integer(epoch),
        ]
        self.scope = try writer.play("cbsre.scope_key", place.merging(["owner_secret": Chance.hex(32)]))
        let certificate: JSONObject = ["owner_cert": self.owner.certificate]
        let descriptor = try writer.play(
            "cbsre.scope_descriptor",
            place.merging(certificate).merging(self.scope.only("d_scope"))
                .merging(["d_owner": self.owner.secret, "aux1": Chance.hex(32), "aux2": Chance.hex(32)])
        )
        self.described = descriptor.only("descriptor").merging(certificate).merging(consortium.issuer)
        _ = try writer.play("cbsre.scope_verify", self.described.merging(Self.time))

        let mode = UInt64.random(in: 0...1)
        let records = (1...Int.random(in: 1...4)).map { _ in Self.record() }
        self.records = .array(records)
        self.epochKey = mode == 1 ? ["k_epoch": Chance.hex(32)] : [:]
        let capsule = Self.capsule(owner: self.owner.name, label: label, epoch: epoch, sender: sender.name)
        self.control = mode == 1 ? ["capsule": .hex(capsule)] : ["single_control": .bool(true)]
        let header: JSONObject = [
            "mode": .integer(mode), "sender": .string(sender.name), "sender_cd": sender.digest,
            "scope_digest": descriptor["digest"] ?? .null, "Q_scope": self.scope["Q_scope"] ?? .null,
            "capsule": .hex(mode == 1 ? EpochCapsule(bytes: capsule).digest : []),
            "created": .integer(RandomConsortium.now), "seq": .integer(Chance.integer()),
            "policy_digest": Chance.hex(32), "n_records": .integer(UInt64(records.count)),
        ]
        let content: JSONObject = [
            "d_s": sender.secret, "header": .object(header), "records": self.records, "eta": Chance.hex(32),
            "aux": Chance.hex(32),
        ]
        let checked = Bool.random() ? self.described.merging(Self.time) : [:]
        let sealed = try writer.play("cbsre.signcrypt", content.merging(self.epochKey).merging(checked))
        self.sent = sealed.only("envelope").merging(consortium.issuer)
            .merging(["sender_cert": sender.certificate])
        _ = try writer.play("cbsre.verify", self.sent)
        let opened = try writer.play(
            "cbsre.decrypt_owner",
            self.sent.merging(self.scope.only("d_scope")).merging(self.described.only("descriptor"))
                .merging(self.epochKey)
        )
        try self.requireRecords(opened)
    }

    /// Plays a grant through one to three centers, their answers and the opening.
    func reencrypt(_ writer: inout CaseWriter) throws {
        let (receiver, foreign) =
            Bool.random()
            ? try self.consortium.pseudonym(&writer)
            : (try self.consortium.party("dr-x", .keyExchange, &writer), [:])
        var centers: [RandomConsortium.Party] = []
        for number in 1...Int.random(in: 1...3) {
            centers.append(try self.consortium.party("cpc-\(number)", [.sign, .proxy], &writer))
        }
        let threshold = Int.random(in: 1...centers.count)
        let issued = try writer.play(
            "cbsre.rekey",
            self.order(receiver, centers, threshold).merging(foreign).merging(self.described)
                .merging(self.scope.only("d_scope")).merging(Self.time)
        )
        let grant = self.described.merging(issued.only("grant"))
        _ = try writer.play("cbsre.grant_verify", grant.merging(Self.time))

        guard case .array(let packages) = issued["packages"] else { return }
        let nonce: JSONObject = ["nonce": Chance.hex(32)]
        let request = grant.merging(self.sent).merging(nonce)
        let answering = centers.indices.shuffled().prefix(.random(in: threshold...centers.count))
        let parts = try answering.map { number in
            let place: JSONObject = ["index": .integer(UInt64(number + 1))]
            let share = try writer.play(
                "cbsre.open_package",
                grant.merging(place).merging(Self.time)
                    .merging(["package": packages[number], "d_cpc": centers[number].secret])
            )
            let part = try writer.play(
                "cbsre.reencrypt",
                request.merging(place).merging(share).merging(Self.time)
                    .merging(self.control.only("single_control")).merging(["aux": Chance.hex(32)])
            )
            _ = try writer.play(
                "cbsre.check_part",
                grant.merging(self.sent.only("envelope")).merging(nonce).merging(part)
            )
            return part["part"] ?? .null
        }
        let opened = try writer.play(
            "cbsre.decrypt_receiver",
            request.merging(self.epochKey).merging(self.control).merging([
                "d_r": receiver.secret, "receiver_cert": receiver.certificate, "parts": .array(parts),
            ])
        )
        try self.requireRecords(opened)
    }

    private func order(
        _ receiver: RandomConsortium.Party,
        _ centers: [RandomConsortium.Party],
        _ threshold: Int
    ) -> JSONObject {
        let named = centers.map { JSONValue.object(["id": .string($0.name), "cert": $0.certificate]) }
        return [
            "owner": .string(self.owner.name), "d_owner": self.owner.secret,
            "receiver": .string(receiver.name), "receiver_cert": receiver.certificate,
            "grant_id": Chance.hex(32), "x": Chance.scalar(),
            "coeffs": .array((1..<threshold).map { _ in Chance.scalar() }),
            "ephemerals": .array(centers.map { _ in Chance.scalar() }), "cpcs": .array(named),
            "not_before": .integer(RandomConsortium.now - 60),
            "not_after": .integer(RandomConsortium.now + 3600), "aux": Chance.hex(32),
        ]
    }

    private func requireRecords(_ opened: JSONObject) throws {
        guard opened["records"] == self.records else { throw MalformedInput("other records came out") }
    }

    private static func record() -> JSONValue {
        .object([
            "id": .string(Chance.word()), "type": .string(Chance.word()), "time": .integer(Chance.integer()),
            "data": Chance.hex(upTo: 300),
        ])
    }

    /// A capsule of the right identity; what it encapsulates does not matter without the identity-based scheme.
    private static func capsule(owner: String, label: String, epoch: UInt64, sender: String) -> [UInt8] {
        var writer = CanonicalWriter()
        writer.magic("WLK1")
        writer.lengthPrefixed(
            EpochCapsule.dataIdentity(owner: owner, label: label, epoch: epoch, sender: sender)
        )
        writer.raw([UInt8](repeating: 7, count: 160))
        return writer.bytes
    }
}

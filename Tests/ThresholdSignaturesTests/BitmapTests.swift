import CanonicalBytes
import Testing

@testable import ThresholdSignatures

@Suite struct BitmapCertificateTests {
    /// Hospitals, of whom two must sign, regulators, of whom one must, and five in all.
    struct Relay {
        let hospitals = keys(9)
        let regulators = keys(2)
        let committee: PrivilegedCommittee
        let signed: [UInt8]

        init() throws {
            self.committee = try PrivilegedCommittee(
                threshold: 5,
                groups: [
                    .init(name: "hospitals", threshold: 2, keys: self.hospitals.map(\.publicKey.encoded)),
                    .init(name: "regulators", threshold: 1, keys: self.regulators.map(\.publicKey.encoded)),
                ]
            )
            self.signed = CrossChainMessage(
                source: "a",
                destination: "b",
                sequence: 1,
                expiry: 2,
                transaction: [3]
            ).signedBytes(committee: self.committee.digest)
        }

        func certificate(_ hospitals: [Int], _ regulators: [Int]) throws -> [UInt8] {
            let signers = hospitals.map { self.hospitals[$0] } + regulators.map { self.regulators[$0] }
            return try BitmapCertificate(
                committee: self.committee,
                signers: [hospitals, regulators],
                signatures: signers.map { try $0.sign(self.signed).encoded }
            ).bytes
        }

        func code(_ certificate: [UInt8]) -> ProtocolFailure.Code? {
            ThresholdSignaturesTests.code {
                try BitmapCertificate.verify(certificate, of: self.signed, by: self.committee)
            }
        }
    }

    @Test func theSignersAreSeen() throws {
        let relay = try Relay()
        for (hospitals, regulators) in [([0, 1, 7, 8], [1]), ([2, 3, 4], [0, 1]), (Array(0..<9), [0, 1])] {
            let certificate = try relay.certificate(hospitals, regulators)
            let signers = try BitmapCertificate.verify(certificate, of: relay.signed, by: relay.committee)
            #expect(signers == [hospitals, regulators])
        }
    }

    @Test(
        arguments: [
            ([0, 1, 2, 3, 4, 5, 6, 7, 8], [], .threshold), ([0], [0, 1], .threshold), ([0, 1, 2], [0], .threshold),
            ([0, 1, 2, 3], [0], nil), ([0, 1, 2], [0, 1], nil),
        ] as [([Int], [Int], ProtocolFailure.Code?)]
    )
    func everyGroupAndTheWholeMustReachTheirThresholds(
        _ hospitals: [Int],
        _ regulators: [Int],
        _ expected: ProtocolFailure.Code?
    ) throws {
        let relay = try Relay()
        #expect(relay.code(try relay.certificate(hospitals, regulators)) == expected)
    }

    @Test func everyChangedByteIsRefused() throws {
        let relay = try Relay()
        let certificate = try relay.certificate([0, 1, 2, 3, 8], [0])
        for place in certificate.indices {
            let damaged = flipped(certificate, bit: 8 * place + place % 8)
            #expect(relay.code(damaged) != nil, "byte \(place)")
            #expect(relay.code(Array(certificate[..<place])) != nil)
        }
        #expect(relay.code(certificate + [0]) == .format)
    }

    @Test func aBitOfSomebodyWhoDidNotSignIsRefused() throws {
        let relay = try Relay()
        let certificate = try relay.certificate([0, 1, 2, 3], [0])
        let bitmap = 4 + 32 + 4
        #expect(relay.code(flipped(certificate, bit: 8 * bitmap + 4)) == .signature)
        // Member 9 of nine.
        #expect(relay.code(flipped(certificate, bit: 8 * (bitmap + 1) + 1)) == .format)
    }

    @Test func aCertificateIsOfOneCommitteeAndMessage() throws {
        let (relay, other) = (try Relay(), try Relay())
        let certificate = try relay.certificate([0, 1, 2, 3], [0])
        #expect(other.code(certificate) == .context)
        let refused = code {
            try BitmapCertificate.verify(certificate, of: relay.signed + [0], by: relay.committee)
        }
        #expect(refused == .signature)
    }

    @Test func aCommitteeIsReadBackAsItWasWritten() throws {
        let committee = try Relay().committee
        let read = try PrivilegedCommittee(bytes: committee.bytes)
        #expect(read == committee)
        #expect(read.digest == committee.digest)
        for place in committee.bytes.indices {
            #expect(code { _ = try PrivilegedCommittee(bytes: Array(committee.bytes[..<place])) } != nil)
        }
    }

    @Test func aKeyThatIsNoPointIsNoticedWhenItWouldSign() throws {
        let good = keys(1)[0]
        let committee = try PrivilegedCommittee(
            threshold: 1,
            groups: [.init(name: "g", threshold: 1, keys: [good.publicKey.encoded, [UInt8](repeating: 1, count: 48)])]
        )
        let signature = try good.sign(message).encoded
        let without = try BitmapCertificate(committee: committee, signers: [[0]], signatures: [signature]).bytes
        try BitmapCertificate.verify(without, of: message, by: committee)
        let with = try BitmapCertificate(committee: committee, signers: [[0, 1]], signatures: [signature]).bytes
        #expect(code { try BitmapCertificate.verify(with, of: message, by: committee) } == .point)
    }

    @Test func committeesThatCannotWorkAreRefused() {
        let members = keys(3).map(\.publicKey.encoded)
        func refused(_ total: UInt16, _ groups: [PrivilegedCommittee.Group]) -> ProtocolFailure.Code? {
            code { _ = try PrivilegedCommittee(threshold: total, groups: groups) }
        }
        func group(_ name: String, _ threshold: UInt16, _ keys: [[UInt8]]) -> PrivilegedCommittee.Group {
            .init(name: name, threshold: threshold, keys: keys)
        }
        #expect(refused(1, []) == .format)
        #expect(refused(1, [group("a", 1, [[1]])]) == .format)
        #expect(refused(2, [group("a", 1, [members[0]]), group("a", 1, [members[1]])]) == .duplicate)
        // One signer must not fill two privileged groups.
        #expect(refused(2, [group("a", 1, [members[0]]), group("b", 1, [members[0]])]) == .duplicate)
        #expect(refused(1, [group("a", 0, members)]) == .threshold)
        #expect(refused(4, [group("a", 4, members)]) == .threshold)
        #expect(refused(1, [group("a", 2, members)]) == .threshold)
        #expect(refused(4, [group("a", 2, members)]) == .threshold)
        #expect(refused(3, [group("a", 2, members)]) == nil)
    }
}

@Suite struct CommitMessageTests {
    private static func message(view: UInt64 = 2, epoch: UInt64 = 1) throws -> CommitMessage {
        try CommitMessage(
            chain: "chain",
            channel: "index",
            epoch: epoch,
            view: view,
            height: 3,
            blockHash: [UInt8](repeating: 4, count: 32)
        )
    }

    @Test func validatorsCertifyABlockInOneView() throws {
        let validators = keys(4)
        let committee = try PrivilegedCommittee(
            threshold: 3,
            groups: [.init(name: "validators", threshold: 3, keys: validators.map(\.publicKey.encoded))]
        )
        let message = try Self.message()
        let certificate = try BitmapCertificate(
            committee: committee,
            signers: [[0, 2, 3]],
            signatures: [0, 2, 3].map { try validators[$0].sign(message.bytes).encoded }
        ).bytes
        #expect(try message.verify(certificate, by: committee) == [0, 2, 3])
        for other in [try Self.message(view: 3), try Self.message(epoch: 2)] {
            #expect(code { try other.verify(certificate, by: committee) } == .signature)
        }
        // Votes of different views never add up.
        let mixed = try BitmapCertificate(
            committee: committee,
            signers: [[0, 1, 2]],
            signatures: [
                validators[0].sign(message.bytes).encoded, validators[1].sign(message.bytes).encoded,
                validators[2].sign(Self.message(view: 3).bytes).encoded,
            ]
        ).bytes
        #expect(code { try message.verify(mixed, by: committee) } == .signature)
    }

    @Test func aCommitteeOfValidatorsHasOneGroup() throws {
        let members = keys(2).map(\.publicKey.encoded)
        let committee = try PrivilegedCommittee(
            threshold: 2,
            groups: [
                .init(name: "a", threshold: 1, keys: [members[0]]), .init(name: "b", threshold: 1, keys: [members[1]]),
            ]
        )
        #expect(code { try Self.message().verify([], by: committee) } == .format)
    }

    @Test func aBlocksHashHas32Bytes() {
        let refused = code {
            _ = try CommitMessage(chain: "", channel: "", epoch: 0, view: 0, height: 0, blockHash: [1])
        }
        #expect(refused == .format)
    }
}

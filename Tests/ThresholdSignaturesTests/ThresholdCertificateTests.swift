import CanonicalBytes
import Testing

@testable import ThresholdSignatures

@Suite struct ThresholdCertificateTests {
    /// Two privileged groups and the union of all, each with a joint key.
    struct Relay {
        let groups: [[KeyGeneration.Outcome]]
        let committee: ThresholdCommittee

        init(hospitals: UInt16 = 3) throws {
            self.groups = [
                try Generation.honest(threshold: 2, count: hospitals), try Generation.honest(threshold: 1, count: 2),
                try Generation.honest(threshold: 4, count: hospitals + 2),
            ]
            let terms: [(String, UInt16, UInt16)] = [
                ("hospitals", 2, hospitals), ("regulators", 1, 2), (ThresholdCommittee.unionName, 4, hospitals + 2),
            ]
            self.committee = try ThresholdCommittee(
                zip(terms, self.groups).map { terms, group in
                    .init(
                        name: terms.0,
                        threshold: terms.1,
                        memberCount: terms.2,
                        key: group[0].jointKey.groupKey.encoded
                    )
                }
            )
        }

        func signatures(_ message: [UInt8] = message) throws -> [[UInt8]] {
            [
                try self.groups[0].sign(message, by: [1, 3]).encoded,
                try self.groups[1].sign(message, by: [2]).encoded,
                try self.groups[2].sign(message, by: [5, 1, 3, 2]).encoded,
            ]
        }

        func code(_ certificate: [UInt8], _ signed: [UInt8] = message) -> ProtocolFailure.Code? {
            ThresholdSignaturesTests.code {
                try ThresholdCertificate.verify(certificate, of: signed, by: self.committee)
            }
        }
    }

    @Test(arguments: [3, 5, 9] as [UInt16])
    func aCertificateHas132BytesForAnyNumberOfMembers(_ hospitals: UInt16) throws {
        let relay = try Relay(hospitals: hospitals)
        let certificate = try ThresholdCertificate(committee: relay.committee, signatures: relay.signatures()).bytes
        #expect(certificate.count == 132)
        #expect(relay.code(certificate) == nil)
    }

    @Test func everyPrivilegedGroupMustSign() throws {
        let relay = try Relay()
        let signatures = try relay.signatures()
        for missing in 0..<3 {
            var fewer = signatures
            fewer.remove(at: missing)
            let refused = code { _ = try ThresholdCertificate(committee: relay.committee, signatures: fewer) }
            #expect(refused == .threshold)
            var repeated = signatures
            repeated[missing] = signatures[(missing + 1) % 3]
            let certificate = try ThresholdCertificate(committee: relay.committee, signatures: repeated).bytes
            #expect(relay.code(certificate) == .signature)
        }
    }

    @Test func everyChangedByteIsRefused() throws {
        let relay = try Relay()
        let certificate = try ThresholdCertificate(committee: relay.committee, signatures: relay.signatures()).bytes
        for place in certificate.indices {
            #expect(relay.code(flipped(certificate, bit: 8 * place + place % 8)) != nil, "byte \(place)")
            #expect(relay.code(Array(certificate[..<place])) == (place < 4 ? .format : relay.code([])))
        }
        #expect(relay.code(certificate + [0]) == .format)
        #expect(relay.code(certificate, message + [0]) == .signature)
        #expect(try Relay().code(certificate) == .context)
    }

    @Test func aCommitteeIsReadBackAsItWasWritten() throws {
        let committee = try Relay().committee
        #expect(try ThresholdCommittee(bytes: committee.bytes) == committee)
        for place in committee.bytes.indices {
            #expect(code { _ = try ThresholdCommittee(bytes: Array(committee.bytes[..<place])) } != nil)
        }
    }

    @Test func committeesThatCannotWorkAreRefused() throws {
        let members = keys(3).map(\.publicKey.encoded)
        func group(_ name: String, _ threshold: UInt16, _ count: UInt16, _ key: Int) -> ThresholdCommittee.Group {
            .init(name: name, threshold: threshold, memberCount: count, key: members[key])
        }
        let wrong: [([ThresholdCommittee.Group], ProtocolFailure.Code)] = [
            ([], .duplicate), ([group("a", 1, 1, 0), group("a", 1, 1, 1)], .duplicate),
            ([group("a", 1, 1, 0), group("b", 1, 1, 0)], .duplicate), ([group("a", 0, 1, 0)], .threshold),
            ([group("a", 2, 1, 0)], .threshold), ([group("*", 1, 1, 0), group("a", 1, 1, 1)], .format),
        ]
        for (groups, expected) in wrong { #expect(code { _ = try ThresholdCommittee(groups) } == expected) }
        _ = try ThresholdCommittee([group("a", 1, 1, 0), group("*", 1, 1, 1)])
    }
}

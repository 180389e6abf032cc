import CanonicalBytes
import Certificates
import Consensus
import Ledger
import StateTree
import Testing

@testable import Contracts

@Suite("Adoption by the index") struct AdoptionTests {
    let consortium: Consortium

    init() throws { self.consortium = try Consortium() }

    private var index: TestChannel { self.consortium.index }
    private var access: TestChannel { self.consortium.access }
    private let bringer = "south:operator:o1"

    @Test("a parameter is taken over from the access channel's state, never back from an older one")
    func parameters() throws {
        let key = StateKey.parameter("anchor.late_seconds")
        #expect(try self.consortium.decide(.parameter(name: "anchor.late_seconds", value: 60)) == 0)
        let old = BringParameter(proof: try self.access.prove(key))
        #expect(try self.consortium.decide(.parameter(name: "anchor.late_seconds", value: 90)) == 0)
        let new = BringParameter(proof: try self.access.prove(key))
        #expect(try self.consortium.call(new, by: self.bringer) == 0)
        #expect(try self.index.number(at: key) == 90)
        #expect(try self.consortium.call(old, by: self.bringer) == RejectionCode.citationOutdated.number)
        try self.consortium.call(Register(), by: "north:gateway:g1")
        let same = BringParameter(proof: try self.access.prove(key))
        #expect(try self.consortium.call(same, by: self.bringer) == RejectionCode.nothingNew.number)
    }

    @Test("issuers are taken over with everything that the ledger reads of them")
    func issuers() throws {
        #expect(try self.consortium.decide(.removeIssuer(.authority, name: "south-ca")) == 0)
        let citation = BringIssuers(proof: try self.access.prove(StateKey.issuers))
        #expect(try self.consortium.call(citation, by: "north:operator:o1") == 0)
        #expect(self.index.values.values[StateKey.issuer(.authority, "south-ca")] == nil)
        #expect(self.index.values.values[StateKey.issuers] == self.access.values.values[StateKey.issuers])
    }

    @Test("validators' names and activations are taken over")
    func namesAndActivations() throws {
        #expect(try self.consortium.decide(self.consortium.committeeChange(1, [1, 2, 3, 5])) == 0)
        #expect(try self.consortium.call(self.consortium.follow(), by: self.bringer) == 0)
        let validator = StateKey.validator(ReplicaID(5))
        #expect(
            try self.consortium.call(BringValidator(proof: try self.access.prove(validator)), by: self.bringer) == 0
        )
        #expect(self.index.values.values[validator] == Array("org5:validator:v5".utf8))
        #expect(try self.consortium.decide(.activation(contract: "index", method: "", height: 5)) == 0)
        let activation = BringActivation(proof: try self.access.prove(SystemKey.activation(Array("index".utf8))))
        #expect(try self.consortium.call(activation, by: self.bringer) == 0)
        let early = try self.consortium.call(WithdrawDataset(dataset: id(1)), by: "north:steward:s1")
        #expect(early == RejectionCode.notActive.number && self.index.header.height == 4)
        let then = try self.consortium.call(WithdrawDataset(dataset: id(1)), by: "north:steward:s1")
        #expect(then == RejectionCode.noSuchDataset.number)
    }

    @Test("each method takes its own keys, and a forged value or certificate nothing")
    func refusals() throws {
        #expect(try self.consortium.decide(.parameter(name: "anchor.late_seconds", value: 60)) == 0)
        let key = StateKey.parameter("anchor.late_seconds")
        let proof = try self.access.prove(key)
        let committee = try self.access.prove(StateKey.committee(0))
        func codes(_ proof: ValueProof) throws -> [UInt16] {
            [
                try self.consortium.call(BringIssuers(proof: proof), by: self.bringer),
                try self.consortium.call(BringParameter(proof: proof), by: self.bringer),
                try self.consortium.call(BringValidator(proof: proof), by: self.bringer),
                try self.consortium.call(BringActivation(proof: proof), by: self.bringer),
            ]
        }
        let another = RejectionCode.citesSomethingElse.number
        #expect(try codes(committee) == [another, another, another, another])
        let path = try self.path(of: proof)
        for (value, header) in [
            (UInt64(61).bigEndianBytes, proof.header), (nil, proof.header),
            (UInt64(60).bigEndianBytes, self.access.blocks[0].block.header),
        ] as [([UInt8]?, BlockHeader)] {
            let certificate = self.access.certify(header, by: self.access.committee)
            let forged = ValueProof(header: header, certificate: certificate, key: key, value: value, path: path)
            let code = try self.consortium.call(BringParameter(proof: forged), by: self.bringer)
            #expect(code == RejectionCode.badCitation.number)
        }
        #expect(try codes(proof) == [another, 0, another, another])
    }

    private func path(of proof: ValueProof) throws -> StateProof {
        try StateTree.prove(proof.key, in: self.access.nodes)
    }
}

import CanonicalBytes
import Certificates
import P256Group
import Pseudonyms
import Testing
import VectorFiles

/// Vector set H, and the pseudonym that receives data in set C.
@Suite struct PseudonymVectorTests {
    private static let sets = ["C_cbsre", "H_pseudonym"]

    @Test(arguments: try VectorFile.cases(sets, "pseu.request"))
    func requests(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let identity = try P256KeyPair(secret: P256Scalar(vector.bytes("d_id")))
            let holder = try PseudonymHolder(
                subject: vector.text("subject"),
                epoch: vector.number("epoch"),
                count: vector.number("count"),
                caterpillar: P256KeyPair(secret: P256Scalar(vector.bytes("a"))),
                expansionKey: vector.bytes("k")
            )
            let request = try holder.request(
                to: vector.text("ra_id"),
                identity: identity,
                possessionAux: vector.bytes("aux1"),
                requestAux: vector.bytes("aux2")
            )
            return ["request": .text(request.bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("H_pseudonym", "pseu.request_verify"))
    func requestVerification(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let identity = try P256PublicKey(vector.bytes("Q_id"))
            let request = try PseudonymRequest(bytes: vector.bytes("request"))
            _ = try request.verified(by: identity, for: vector.text("ra_id"))
            return [
                "A": .text(request.caterpillarKey.hex), "k": .text(request.expansionKey.hex),
                "epoch": .number(request.epoch), "count": .number(UInt64(request.count)),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(sets, "pseu.cocoon"))
    func cocoonKeys(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let caterpillar = try P256KeyPair(secret: P256Scalar(vector.bytes("a")))
            let expansion = CocoonExpansion(key: try vector.bytes("k"), epoch: try vector.number("epoch"))
            let index: UInt32 = try vector.number("index")
            let key = try expansion.keyPair(of: caterpillar, index: index)
            let publicKey = try expansion.publicKey(of: caterpillar.publicKey, index: index)
            return ["b": .text(key.secretBytes().hex), "B": .text(publicKey.encoded.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(sets, "pseu.handle"))
    func handles(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let authority = RegistrationAuthority(name: "", handleKey: try SealingKey(vector.bytes("k_ra")))
            let handle = CocoonHandle(
                subject: try vector.text("subject"),
                epoch: try vector.number("epoch"),
                index: try vector.number("index")
            )
            return ["handle": .text(try authority.seal(handle, nonce: vector.bytes("nonce")).hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(sets, "pseu.issue"))
    func issuance(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let response = try Self.authority(vector, name: vector.text("issuer")).issue(
                cocoonKey: vector.bytes("B"),
                handle: vector.bytes("handle"),
                terms: PseudonymTerms(
                    serial: vector.number("serial"),
                    notBefore: vector.number("not_before"),
                    notAfter: vector.number("not_after"),
                    attributes: vector.texts("attrs")
                ),
                randomness: PseudonymAuthority.Randomness(
                    salt: vector.bytes("r_c"),
                    nonce: vector.bytes("nonce"),
                    ephemeral: P256Scalar(vector.bytes("e")),
                    aux: vector.bytes("aux")
                )
            )
            return ["cert": .text(response.certificate.bytes.hex), "response": .text(response.bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases(sets, "pseu.receive"))
    func receipt(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let cocoon = try P256KeyPair(secret: P256Scalar(vector.bytes("b")))
            let issuer = try Self.issuer(vector)
            let pseudonym = try Pseudonym(response: vector.bytes("response"), cocoon: cocoon, issuer: issuer)
            return [
                "cert": .text(pseudonym.certificate.bytes.hex), "d": .text(pseudonym.key.secretBytes().hex),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("H_pseudonym", "pseu.sign"))
    func signing(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let pseudonym = Pseudonym(
                certificate: try ImplicitCertificate(bytes: vector.bytes("cert")),
                key: try P256KeyPair(secret: P256Scalar(vector.bytes("d")))
            )
            return ["sig": .text(try pseudonym.sign(vector.bytes("msg"), aux: vector.bytes("aux")).hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("H_pseudonym", "pseu.verify"))
    func verification(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let issuer = try Self.issuer(vector)
            let certificate = try PseudonymSignature(bytes: vector.bytes("sig"))
                .verify(vector.bytes("msg"), issuer: issuer, at: vector.optionalNumber("now"))
            return ["cert": .text(certificate.bytes.hex)]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("H_pseudonym", "pseu.trace_pca"))
    func tracesOfThePseudonymAuthority(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let finding = try Self.authority(vector, name: "")
                .trace(vector.bytes("cert"), aux: vector.bytes("aux"))
            return [
                "B": .text(finding.cocoonKey.hex), "handle": .text(finding.handle.hex),
                "proof": .text(finding.proof.hex),
            ]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("H_pseudonym", "pseu.trace_verify"))
    func traceVerification(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            try TraceFinding.verify(
                proof: vector.bytes("proof"),
                certificate: vector.bytes("cert"),
                cocoonKey: vector.bytes("B")
            )
            return [:]
        }
        #expect(outcome == vector.expected)
    }

    @Test(arguments: try VectorFile.cases("H_pseudonym", "pseu.trace_ra"))
    func tracesOfTheRegistrationAuthority(_ vector: VectorCase) throws {
        let outcome = try vector.outcome {
            let identity = try P256PublicKey(vector.bytes("Q_id"))
            let authority = RegistrationAuthority(
                name: try vector.text("ra_id"),
                handleKey: try SealingKey(vector.bytes("k_ra"))
            )
            let traced = try authority.trace(
                handle: vector.bytes("handle"),
                cocoonKey: vector.bytes("B"),
                request: vector.bytes("request"),
                identity: identity
            )
            return [
                "subject": .text(traced.subject), "epoch": .number(traced.epoch),
                "index": .number(UInt64(traced.index)),
            ]
        }
        #expect(outcome == vector.expected)
    }

    private static func authority(_ vector: VectorCase, name: String) throws -> PseudonymAuthority {
        PseudonymAuthority(
            name: name,
            key: try P256KeyPair(secret: P256Scalar(vector.bytes("d_pca"))),
            extensionKey: try SealingKey(vector.bytes("k_pca"))
        )
    }

    private static func issuer(_ vector: VectorCase) throws -> CertificateIssuer {
        CertificateIssuer(name: try vector.text("issuer"), publicKey: try P256PublicKey(vector.bytes("Q_pca")))
    }
}

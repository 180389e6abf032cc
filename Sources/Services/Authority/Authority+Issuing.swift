internal import CanonicalBytes
package import Certificates
package import Credentials
internal import Crypto
internal import Foundation
internal import GRDB
internal import SwiftASN1
internal import Transcripts
internal import X509

extension Authority {
    /// Issues both certificates to the holder of a token.
    ///
    /// The same request gets the same answer for as long as the token lives: a client that lost the answer asks again.
    ///
    /// - Throws: ``AuthorityError``; a refused request does not use the token up.
    package func enroll(_ request: CertificationRequest, at now: UInt64) throws -> CertificationAnswer {
        guard let secret = request.token else { throw AuthorityError.tokenUnknown }
        let hash = Self.hash(of: request)
        return try self.store.write { database in
            let token = try Self.token(Array(secret), in: database, at: now)
            if let used = token.requestHash {
                guard used == Array(hash), let answer = try Self.answer(to: hash, in: database) else {
                    throw AuthorityError.tokenUsed
                }
                return answer
            }
            guard let party = PartyName(token.party) else { throw AuthorityError.directory("a token names no party") }
            let answer = try self.issue(
                request,
                to: party,
                attributes: token.attributes,
                hostsAllowed: token.hosts.isEmpty ? nil : token.hosts.compactMap(HostName.init),
                in: database,
                at: now
            )
            try database.execute(
                sql: "UPDATE token SET request_hash = ? WHERE secret_hash = ?",
                arguments: [hash, Self.hash(of: Array(secret))]
            )
            return answer
        }
    }

    /// Issues the next generation to a party that is known by its TLS certificate; the former stays valid.
    ///
    /// - Throws: ``AuthorityError``.
    package func renew(
        _ request: CertificationRequest,
        peer: PeerIdentity,
        at now: UInt64
    ) throws -> CertificationAnswer {
        let hash = Self.hash(of: request)
        return try self.store.write { database in
            let former = try Self.valid(peer, in: database)
            if let answer = try Self.answer(to: hash, in: database, of: peer.name) { return answer }
            return try self.issue(
                request,
                to: peer.name,
                attributes: former.attributes,
                hostsAllowed: peer.hosts,
                in: database,
                at: now
            )
        }
    }

    /// Issues an identity to a directory on this machine, for the authority itself and for trials.
    ///
    /// - Parameters:
    ///   - party: who gets it.
    ///   - hosts: under which names its servers are reached.
    ///   - attributes: beside the role.
    ///   - path: the identity directory; an identity that is there gets its next generation.
    ///   - now: seconds since 1970.
    /// - Returns: the new current identity of the directory.
    /// - Throws: ``AuthorityError``, `CredentialsError`.
    package func install(
        _ party: PartyName,
        hosts: [HostName],
        attributes: [String] = [],
        into path: String,
        at now: UInt64
    ) throws -> Identity {
        let directory = IdentityDirectory(path)
        try directory.prepare()
        let pending = try directory.pending(party, authority: self.url, hosts: hosts, protection: .file)
        let request = pending.message(token: nil)
        let answer = try self.store.write { database in
            try Self.answer(to: Self.hash(of: request), in: database, of: party)
                ?? self.issue(
                    request,
                    to: party,
                    attributes: attributes,
                    hostsAllowed: hosts,
                    in: database,
                    at: now
                )
        }
        return try directory.install(answer, for: pending, at: now)
    }

    func fields(of party: PartyName, attributes: [String], serial: UInt64, at now: UInt64) -> CertificateFields {
        CertificateFields(
            issuer: self.issuer.name,
            serial: serial,
            subject: party.description,
            notBefore: now - self.lifetimes.backdate,
            notAfter: now + self.lifetimes.certificate,
            usage: party.role.usage,
            attributes: (attributes + ["role:\(party.role.rawValue)"])
                .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        )
    }

    private func issue(
        _ request: CertificationRequest,
        to party: PartyName,
        attributes: [String],
        hostsAllowed: [HostName]?,
        in database: Database,
        at now: UInt64
    ) throws -> CertificationAnswer {
        let signing = try SigningRequest(der: Array(request.csr))
        try self.check(signing.hosts, of: party, allowed: hostsAllowed)
        guard let certificateRequest = request.certificateRequest else {
            throw AuthorityError.request("the ECQV request has another length than 97 bytes")
        }
        let serial = try Self.unusedSerial(in: database)
        let fields = self.fields(of: party, attributes: attributes, serial: serial, at: now)
        let issued: IssuedCertificate
        do { issued = try self.signer.issue(certificateRequest, fields: fields) } catch {
            throw AuthorityError.request("the ECQV request: \(error.detail)")
        }
        let tls = try self.files.root.issue(
            party,
            to: signing.publicKey,
            hosts: signing.hosts,
            serial: serial,
            from: fields.notBefore,
            to: fields.notAfter
        )
        let answer = CertificationAnswer(
            issuer: self.answer,
            certificate: issued.certificate.bytes,
            contribution: issued.contribution,
            tls: try tls.serializeAsPEM().pemString + "\n"
        )
        try database.execute(
            sql: """
                INSERT INTO certificate
                    (serial, party, attributes, digest, fingerprint, not_before, not_after, request_hash, answer)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Int64(serial), party.description, Words.text(attributes), Data(issued.certificate.digest),
                Data(SHA256.hash(data: try tls.der)), Int64(fields.notBefore), Int64(fields.notAfter),
                Self.hash(of: request), Data(try PlainJSON.encode(answer)),
            ]
        )
        return answer
    }

    private func check(_ hosts: [HostName], of party: PartyName, allowed: [HostName]?) throws {
        guard party.role.serves(under: hosts) else {
            throw AuthorityError.host("a \(party.role.rawValue) has no server, so its certificate names no host")
        }
        guard let allowed else { return }
        for host in hosts where !allowed.contains(host) {
            throw AuthorityError.host("\(host) is not among the hosts that this party may serve under")
        }
    }

    /// The certificate that a peer showed, if it was issued here and stands.
    static func valid(_ peer: PeerIdentity, in database: Database) throws -> CertificateRow {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT * FROM certificate WHERE fingerprint = ?",
            arguments: [Data(peer.fingerprint)]
        )
        guard let certificate = row.map(CertificateRow.init), certificate.party == peer.name.description else {
            throw AuthorityError.certificate("this authority did not issue the client certificate")
        }
        guard certificate.revoked == nil else { throw AuthorityError.certificate("the client certificate was revoked") }
        return certificate
    }

    /// What was answered to the same request before.
    private static func answer(
        to hash: Data,
        in database: Database,
        of party: PartyName? = nil
    ) throws -> CertificationAnswer? {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT party, answer FROM certificate WHERE request_hash = ?",
            arguments: [hash]
        )
        guard let row else { return nil }
        guard party.map({ $0.description == row["party"] as String }) ?? true else {
            throw AuthorityError.request("another party has made this request")
        }
        return try PlainJSON.decode(CertificationAnswer.self, Array(row["answer"] as Data), "a stored answer")
    }

    private static func hash(of request: CertificationRequest) -> Data {
        Data(SHA256.hash(data: transcript(Array(request.ecqv), Array(request.csr))))
    }

    /// Random, positive and below 2^63; nobody else has it.
    private static func unusedSerial(in database: Database) throws -> UInt64 {
        while true {
            let serial = UInt64.random(in: 1...UInt64(Int64.max))
            let isUsed = try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM certificate WHERE serial = ?)",
                arguments: [Int64(serial)]
            )
            if isUsed == false { return serial }
        }
    }
}

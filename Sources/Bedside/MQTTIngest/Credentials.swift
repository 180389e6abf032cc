internal import Glibc

/// How the connection is encrypted; the server's certificate and its name are always checked.
package struct TLSSettings: Sendable, Equatable {
    /// The least protocol version accepted.
    package enum MinimumVersion: String, Sendable {
        case tls12 = "tlsv1.2"
        case tls13 = "tlsv1.3"
    }

    /// PEM file with the authorities that may have signed the broker's certificate.
    package let caFile: String
    /// PEM files with the agent's own certificate chain and private key.
    package let clientCertificate: ClientCertificate?
    package let minimumVersion: MinimumVersion

    /// The files by which the agent proves who it is.
    package struct ClientCertificate: Sendable, Equatable {
        package let certificateFile: String
        package let keyFile: String
    }

    /// Checks that the parts fit together.
    ///
    /// - Parameters:
    ///   - caFile: path of a PEM file.
    ///   - certificateFile: path of a PEM file, given together with `keyFile`.
    ///   - keyFile: path of a PEM file.
    ///   - minimumVersion: TLS 1.2 unless raised.
    /// - Throws: ``BrokerSettingsError``.
    package init(
        caFile: String,
        certificateFile: String? = nil,
        keyFile: String? = nil,
        minimumVersion: MinimumVersion = .tls12
    ) throws(BrokerSettingsError) {
        guard !caFile.isEmpty else { throw .missingCAFile }
        switch (certificateFile, keyFile) {
        case (nil, nil): self.clientCertificate = nil
        case (let certificate?, let key?):
            self.clientCertificate = ClientCertificate(certificateFile: certificate, keyFile: key)
        default: throw .incompleteClientCertificate
        }
        self.caFile = caFile
        self.minimumVersion = minimumVersion
    }

    func checkFiles() throws(BrokerSettingsError) {
        let own = self.clientCertificate.map { [$0.certificateFile, $0.keyFile] } ?? []
        for path in [self.caFile] + own where access(path, R_OK) != 0 {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
    }
}

/// A user name, and the file that holds its password.
package struct Login: Sendable, Equatable {
    package let username: String
    /// Read at every connection, so that a rotated password takes effect without a restart.
    package let passwordFile: String?

    /// Checks the user name.
    ///
    /// - Parameters:
    ///   - username: 1 to 65,535 bytes.
    ///   - passwordFile: mode 0600 or stricter; nil for brokers that ask for a name only.
    /// - Throws: ``BrokerSettingsError``.
    package init(username: String, passwordFile: String? = nil) throws(BrokerSettingsError) {
        if username.isEmpty && passwordFile != nil { throw .passwordWithoutUsername }
        guard (1...65_535).contains(username.utf8.count), !username.utf8.contains(0) else {
            throw .malformedUsername
        }
        self.username = username
        self.passwordFile = passwordFile
    }

    /// Reads the password: the file's content without its last line break.
    ///
    /// - Returns: nil without a file.
    /// - Throws: ``BrokerSettingsError`` when the file is missing, readable by others, or no password.
    func password() throws(BrokerSettingsError) -> String? {
        guard let path = self.passwordFile else { return nil }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadableFile(path: path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            throw .unreadableFile(path: path, reason: String(cString: strerror(errno)))
        }
        let mode = UInt32(status.st_mode) & 0o777
        guard mode & 0o077 == 0 else { throw .exposedPasswordFile(path: path, mode: mode) }

        // One byte more than MQTT can carry, so that a longer file is noticed.
        var bytes = [UInt8](repeating: 0, count: Int(UInt16.max) + 1)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .unreadableFile(path: path, reason: String(cString: strerror(errno))) }
        guard count < bytes.count else { throw .malformedPassword(path: path, reason: "it is too long") }
        bytes.removeLast(bytes.count - count)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .malformedPassword(path: path, reason: "it is empty") }
        guard !bytes.contains(0), let password = String(validating: bytes, as: UTF8.self) else {
            throw .malformedPassword(path: path, reason: "it is not UTF-8 text")
        }
        return password
    }
}

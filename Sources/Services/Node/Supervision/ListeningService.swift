internal import Attesting
internal import AttributeIssuing
internal import Dashboard
internal import Gateway
internal import KeyIssuing
internal import PrivacyCenter
internal import Pseudonymity
internal import SecureHTTP
internal import ServiceLifecycle

/// A service that a node is not ready without: it has a port.
protocol ListeningService: Service {
    /// The TCP port, once it listens.
    ///
    /// - Throws: what kept it from listening.
    func port() async throws -> Int
}

extension AttesterService: ListeningService {}
extension AttributeIssuingService: ListeningService {}
extension DashboardServer: ListeningService {}
extension EVMAttesterService: ListeningService {}
extension EVMGatewayService: ListeningService {}
extension GatewayService: ListeningService {}
extension KeyIssuingService: ListeningService {}
extension PrivacyCenterService: ListeningService {}
extension PseudonymAuthorityService: ListeningService {}
extension RegistrationService: ListeningService {}
extension SecureHTTPServer: ListeningService {}

internal import Foundation

/// Where systemd puts what it decrypts for this service.
package enum SystemdDirectory {
    /// nil outside of a service with credentials.
    package static var path: String? { ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] }
}

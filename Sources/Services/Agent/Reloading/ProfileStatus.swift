internal import DeviceProfiles
internal import Records
internal import StrictYAML

/// What `/metrics` says of the profiles in force.
struct ProfileStatus: Sendable {
    var inForce: ProfilesInForce
    /// Unix time of the last load, seconds.
    var loadedAtSeconds: Int64
    /// Loads that refused at least one file, since the start.
    var refusals: Int
}

extension ProfileStatus {
    /// Notes a load.
    ///
    /// - Parameters:
    ///   - library: in force from now on.
    ///   - problems: what was refused.
    ///   - before: what was in force; nil at the start.
    init(_ library: ProfileLibrary, problems: [YAMLProblem], after before: ProfileStatus?) {
        let now = wallNanoseconds()
        self.inForce = ProfilesInForce(
            library,
            problems: problems,
            running: before?.inForce,
            loadedAt: DateTime(nanosecondsSinceEpoch: now / 1_000_000 * 1_000_000).description
        )
        self.loadedAtSeconds = now / 1_000_000_000
        self.refusals = (before?.refusals ?? 0) + (problems.isEmpty ? 0 : 1)
    }

    /// The series of the profiles: which version of each is in force, and when they were loaded.
    func write(_ out: inout PrometheusText) {
        out.write(
            "wardline_profile_info",
            .gauge,
            "1 for each profile in force, with version and digest of its text.",
            self.inForce.profiles.map { profile in
                (
                    [
                        ("profile", profile.id), ("version", profile.version),
                        ("digest", String(profile.digest.prefix(12))),
                    ],
                    1
                )
            }
        )
        out.write(
            "wardline_profile_loads_total",
            .counter,
            "Times profiles were loaded since the start.",
            self.inForce.loads
        )
        out.write(
            "wardline_profile_refusals_total",
            .counter,
            "Loads that refused a file; the version before it stays in force.",
            self.refusals
        )
        out.write(
            "wardline_profiles_loaded_seconds",
            .gauge,
            "When profiles were last loaded, Unix time.",
            self.loadedAtSeconds
        )
    }
}

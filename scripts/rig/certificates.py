"""A test authority with certificates for the broker, the agent and the simulated ward."""

import subprocess


class Certificates:
    """Makes `ca`, `broker`, `wardline-agent` and `ward-bridge` (.crt, .key) in a folder, valid for two days."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._make_authority()
        self.issue_server("broker")
        self._issue("wardline-agent", "extendedKeyUsage=clientAuth")
        self._issue("ward-bridge", "extendedKeyUsage=clientAuth")

    @property
    def authority(self):
        return self.folder / "ca.crt"

    def certificate(self, name):
        return self.folder / f"{name}.crt"

    def key(self, name):
        return self.folder / f"{name}.key"

    def issue_server(self, name):
        """Makes a certificate for a server of this machine, which goes by its loopback address and as localhost."""
        self._issue(name, "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth")

    def _make_authority(self):
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=Wardline test authority", "-keyout", self.key("ca"), "-out", self.authority,
        )

    def _issue(self, name, extensions):
        request, extension_file = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extension_file.write_text(extensions + "\n")
        self._openssl(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", self.key(name), "-out", request,
        )
        self._openssl(
            "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", self.key("ca"), "-CAcreateserial",
            "-days", "2", "-extfile", extension_file, "-out", self.certificate(name),
        )
        self.key(name).chmod(0o600)

    def _openssl(self, *arguments):
        words = ["openssl", *map(str, arguments)]
        result = subprocess.run(words, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}\n{result.stderr}")

package io.leasehold.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.leasehold.cli.command.Terminal;
import io.leasehold.cli.start.Stage;
import io.leasehold.cli.time.Clocks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * TLS as leasectl is told to speak it, to a server that wants a certificate and to one that not.
 */
@Timeout(120)
final class TlsTest {
  private static final String PASSWORD = "changeit";
  private static final String LISTED = "found 1 leases\n0000000000000001\n";

  @TempDir static Path home;
  private static Pair server;
  private static Pair user;
  private static Stage open;
  private static Stage guarded;

  /** A certificate signed by itself and its key, in PEM files. */
  private record Pair(Path certificate, Path key) {}

  /** What one run came to. */
  private record Result(int code, String out, String err) {}

  @BeforeAll
  static void start() throws Exception {
    server = pair("server");
    user = pair("user");
    open = Stage.open(GrpcSslContexts.configure(builder(), SslProvider.JDK).build());
    guarded =
        Stage.open(
            GrpcSslContexts.configure(builder(), SslProvider.JDK)
                .trustManager(user.certificate.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build());
  }

  private static SslContextBuilder builder() {
    return SslContextBuilder.forServer(server.certificate.toFile(), server.key.toFile());
  }

  @AfterAll
  static void stop() {
    open.close();
    guarded.close();
  }

  private static Pair pair(String name)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path file = home.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(said).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return new Pair(
        pem(name + ".pem", "CERTIFICATE", store.getCertificate(name).getEncoded()),
        pem(name + ".key", "PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded()));
  }

  private static Path pem(String name, String what, byte[] encoded) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
    return Files.writeString(
        home.resolve(name),
        "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
  }

  private static Result run(String endpoint, Object... words) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    List<String> line = new ArrayList<>();
    line.add("--command-timeout=2s");
    for (Object word : words) {
      line.add(word.toString());
    }
    int code =
        new Leasectl(Map.of("ETCDCTL_ENDPOINTS", endpoint), terminal, Clocks.system()).run(line);
    terminal.out().flush();
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static void assertRefused(Result result) {
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("Error: ").endsWith("\n").hasLineCount(1);
  }

  @Test
  void aServerIsTrustedByItsCertificate() throws Exception {
    assertThat(run(open.endpoint(), "lease", "list", "--cacert", server.certificate))
        .isEqualTo(new Result(0, LISTED, ""));
    assertThat(run("https://" + open.endpoint(), "lease", "list", "--cacert", server.certificate))
        .isEqualTo(new Result(0, LISTED, ""));
  }

  @Test
  void aServerThatIsNotTrustedIsRefused() throws Exception {
    assertRefused(run("https://" + open.endpoint(), "lease", "list"));
    assertRefused(run(open.endpoint(), "lease", "list", "--cacert", user.certificate));
    assertThat(run(open.endpoint(), "lease", "list", "--insecure-skip-tls-verify"))
        .isEqualTo(new Result(0, LISTED, ""));
  }

  @Test
  void aServerThatSpeaksTlsAloneHearsNoPlainText() throws Exception {
    assertRefused(run(open.endpoint(), "lease", "list"));
  }

  @Test
  void aServerThatWantsACertificateIsShownOne() throws Exception {
    assertRefused(run(guarded.endpoint(), "lease", "list", "--cacert", server.certificate));
    Object[] words = {
      "lease", "list", "--cacert", server.certificate, "--cert", user.certificate, "--key", user.key
    };
    assertThat(run(guarded.endpoint(), words)).isEqualTo(new Result(0, LISTED, ""));
  }

  @Test
  void locksAreTakenOverTheSameTls() throws Exception {
    Result locked =
        run(
            guarded.endpoint(),
            "lock",
            "--cacert",
            server.certificate,
            "--cert",
            user.certificate,
            "--key",
            user.key,
            "l",
            "--",
            "true");
    assertThat(locked).isEqualTo(new Result(0, "", ""));
  }
}

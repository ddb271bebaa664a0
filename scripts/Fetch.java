import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Fetches a file unless it is there already, and verifies its SHA-512. Run from source, so that a
 * machine with nothing but a JDK can bootstrap the build.
 *
 * <p>Arguments: URL, target file, expected SHA-512 in hexadecimal.
 */
public final class Fetch {
  private static final int TIMEOUT_MILLIS = 60_000;

  private Fetch() {}

  public static void main(String[] args) throws Exception {
    Path target = Path.of(args[1]);
    if (!Files.exists(target)) {
      Path partial = Path.of(args[1] + ".part");
      var connection = URI.create(args[0]).toURL().openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      try (InputStream in = connection.getInputStream()) {
        Files.copy(in, partial, StandardCopyOption.REPLACE_EXISTING);
      } catch (java.io.IOException e) {
        System.err.println("mvnw: cannot fetch " + args[0] + ": " + e);
        System.exit(1);
      }
      Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
    }
    MessageDigest digest = MessageDigest.getInstance("SHA-512");
    try (InputStream in = new DigestInputStream(Files.newInputStream(target), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    String actual = HexFormat.of().formatHex(digest.digest());
    if (!actual.equals(args[2])) {
      Files.delete(target);
      System.err.println("mvnw: " + args[0] + " has SHA-512 " + actual + ", expected " + args[2]);
      System.exit(1);
    }
  }
}

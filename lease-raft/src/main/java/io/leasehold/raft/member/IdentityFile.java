package io.leasehold.raft.member;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * What {@code member.properties} says: whose the data directory is. The last line is a checksum of
 * the others, so that a damaged file is never taken for another member's.
 *
 * @param cluster the cluster's ID in hexadecimal
 * @param name the member's name
 * @param identity 128 bits in hexadecimal
 */
record IdentityFile(String cluster, String name, String identity) {
  static final String FILE = "member.properties";

  private static final int FORMAT_VERSION = 1;
  private static final String CHECKSUM_KEY = "checksum=";
  private static final Pattern IDENTITY = Pattern.compile("[0-9a-f]{32}");
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,9}");

  /** Reads the file; an {@link IOException} says in a few words what is wrong with it. */
  static IdentityFile read(Path root) throws IOException {
    String text = Files.readString(root.resolve(FILE));
    Map<String, String> values = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0 && line.charAt(0) != '#') {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    String version = values.getOrDefault("version", "");
    if (VERSION.matcher(version).matches() && Integer.parseInt(version) > FORMAT_VERSION) {
      throw new NewerFormatException(version);
    }
    int last = text.lastIndexOf(CHECKSUM_KEY);
    if (last < 0 || !text.substring(last).equals(checksumLine(text.substring(0, last)))) {
      throw new IOException("damaged, its checksum does not fit");
    }
    IdentityFile file =
        new IdentityFile(
            values.getOrDefault("cluster", ""),
            values.getOrDefault("name", ""),
            values.getOrDefault("identity", ""));
    if (!IDENTITY.matcher(file.identity).matches() || file.name.isEmpty()) {
      throw new IOException("damaged, it holds no name or no identity");
    }
    return file;
  }

  /** Writes the file for good: it is there whole, or not at all, whenever the power fails. */
  void write(Path root) throws IOException {
    String text =
        "# Identity of a Leasehold member. Do not copy, do not edit.\n"
            + ("version=" + FORMAT_VERSION + "\n")
            + ("cluster=" + cluster + "\n")
            + ("name=" + name + "\n")
            + ("identity=" + identity + "\n");
    replace(root.resolve(FILE), text + checksumLine(text));
  }

  /** Puts a small file in place atomically, synced together with its directory. */
  static void replace(Path file, String text) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is not in a folder");
    }
    syncDirectory(folder);
  }

  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String checksumLine(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return CHECKSUM_KEY + String.format(Locale.ROOT, "%08x", crc.getValue()) + "\n";
  }

  /** A newer version of Leasehold wrote the file. */
  static final class NewerFormatException extends IOException {
    private static final long serialVersionUID = 1;

    NewerFormatException(String version) {
      super("format " + version + "; this version reads up to format " + FORMAT_VERSION);
    }
  }
}

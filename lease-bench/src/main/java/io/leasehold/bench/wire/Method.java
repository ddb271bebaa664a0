package io.leasehold.bench.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A method of a gRPC service, with the header block of its requests, which is the same for each: no
 * field of it is kept in the peer's table.
 */
public final class Method {
  private static final int INDEXED_METHOD_POST = 0x83;
  private static final int INDEXED_SCHEME_HTTP = 0x86;
  private static final int NAME_AUTHORITY = 1;
  private static final int NAME_PATH = 4;
  private static final int NAME_CONTENT_TYPE = 31;
  private static final int INDEX_OF_FOUR_BITS_MAX = 15;
  private static final int LENGTH_OF_SEVEN_BITS_MAX = 127;

  private final String path;
  private final byte[] headers;

  private Method(String path, byte[] headers) {
    this.path = path;
    this.headers = headers;
  }

  /** Names a method, such as {@code etcdserverpb.Lease/LeaseGrant}. */
  public static Method of(String fullName) {
    String path = "/" + fullName;
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(INDEXED_METHOD_POST);
    block.write(INDEXED_SCHEME_HTTP);
    literal(block, NAME_PATH, path);
    literal(block, NAME_AUTHORITY, "localhost");
    literal(block, NAME_CONTENT_TYPE, "application/grpc");
    block.write(0);
    text(block, "te");
    text(block, "trailers");
    return new Method(path, block.toByteArray());
  }

  /** A field without indexing whose name is in the static table. */
  private static void literal(ByteArrayOutputStream block, int nameIndex, String value) {
    if (nameIndex < INDEX_OF_FOUR_BITS_MAX) {
      block.write(nameIndex);
    } else {
      block.write(INDEX_OF_FOUR_BITS_MAX);
      block.write(nameIndex - INDEX_OF_FOUR_BITS_MAX);
    }
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length >= LENGTH_OF_SEVEN_BITS_MAX) {
      throw new IllegalArgumentException(text + ": too long");
    }
    block.write(bytes.length);
    block.writeBytes(bytes);
  }

  byte[] headers() {
    return headers;
  }

  String path() {
    return path;
  }

  @Override
  public String toString() {
    return path;
  }
}

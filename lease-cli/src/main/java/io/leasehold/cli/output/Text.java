package io.leasehold.cli.output;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/** Collects what is printed; keys and values go out byte by byte as they came. One thread. */
final class Text {
  private final ByteString.Output out = ByteString.newOutput();

  Text add(String text) {
    return add(ByteString.copyFrom(text, StandardCharsets.UTF_8));
  }

  Text add(ByteString bytes) {
    bytes.forEach(out::write);
    return this;
  }

  /** Adds a line end. */
  Text line() {
    out.write('\n');
    return this;
  }

  ByteString bytes() {
    return out.toByteString();
  }

  static ByteString of(String text) {
    return ByteString.copyFrom(text, StandardCharsets.UTF_8);
  }
}

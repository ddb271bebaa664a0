package io.leasehold.cli.wire;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Keys and trust from PEM files, as etcdctl takes them. */
public final class Tls {
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";
  private static final char[] NO_PASSWORD = new char[0];

  private Tls() {}

  /**
   * Reads what is given; the rest is the JDK's.
   *
   * @param caFile certificates to trust, or empty
   * @param certFile this client's certificate, or empty
   * @param keyFile this client's key in PKCS #8, or empty
   * @throws IllegalArgumentException with what is wrong with which file
   */
  public static SSLContext context(
      String caFile, String certFile, String keyFile, boolean trustsAnybody) {
    if (certFile.isEmpty() != keyFile.isEmpty()) {
      throw new IllegalArgumentException("--cert and --key must be given together");
    }
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          certFile.isEmpty() ? null : keys(certFile, keyFile),
          trustsAnybody
              ? new TrustManager[] {new TrustsAnybody()}
              : caFile.isEmpty() ? null : trust(caFile),
          null);
      return context;
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("no such file: " + e.getFile());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException("TLS: " + e.getMessage());
    }
  }

  private static Collection<? extends Certificate> certificates(String file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(Path.of(file))) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (all.isEmpty()) {
        throw new IOException("no certificate in " + file);
      }
      return all;
    }
  }

  private static TrustManager[] trust(String caFile) throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    int number = 0;
    for (Certificate one : certificates(caFile)) {
      store.setCertificateEntry("ca" + number++, one);
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager[] keys(String certFile, String keyFile)
      throws IOException, GeneralSecurityException {
    KeyStore store = emptyStore();
    store.setKeyEntry(
        "client",
        privateKey(keyFile),
        NO_PASSWORD,
        certificates(certFile).toArray(new Certificate[0]));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static PrivateKey privateKey(String file) throws IOException, GeneralSecurityException {
    String pem = Files.readString(Path.of(file));
    int begin = pem.indexOf(KEY_BEGIN);
    int end = pem.indexOf(KEY_END);
    if (begin < 0 || end < begin) {
      throw new IOException(
          file + " is no key in PKCS #8; openssl pkcs8 -topk8 -nocrypt -in " + file + " makes one");
    }
    byte[] encoded = Base64.getMimeDecoder().decode(pem.substring(begin + KEY_BEGIN.length(), end));
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        // The key says of what kind it is only to who can read it: the next one tries.
      }
    }
    throw new IOException("a key of a kind that is not known here in " + file);
  }

  /** For {@code --insecure-skip-tls-verify}, which says what it is. */
  private static final class TrustsAnybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

    @Override
    public void checkClientTrusted(
        X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

    @Override
    public void checkServerTrusted(
        X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}

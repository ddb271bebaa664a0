package io.leasehold.bench.scenario;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.bench.etcd.EtcdMethods;
import io.leasehold.bench.etcd.LeaseRange;
import java.time.Duration;

/** Hangs keys on leases, many with one request. */
final class AttachedKeys {
  /**
   * As many operations as etcd takes in a transaction, unless told otherwise, and a round number.
   */
  private static final int KEYS_OF_TXN_MAX = 100;

  /** Few, since each is large. */
  private static final int IN_FLIGHT = 32;

  private AttachedKeys() {}

  /**
   * Gives each lease of a range so many keys, or as many leases as there is time for, and returns
   * how many have all of theirs.
   */
  static int attach(Bench bench, LeaseRange leases, int keys, Duration max, ByteString prefix)
      throws InterruptedException {
    int txns = (keys + KEYS_OF_TXN_MAX - 1) / KEYS_OF_TXN_MAX;
    int keysOfTxn = keys / txns;
    long made =
        bench.prepare(
            "attaching " + keys + " keys each",
            EtcdMethods.TXN,
            IN_FLIGHT,
            (long) leases.count() * txns,
            max,
            i -> txn(leases.id((int) (i / txns)), prefix, (int) (i % txns) * keysOfTxn, keysOfTxn));
    return (int) (made / txns);
  }

  private static byte[] txn(long leaseId, ByteString prefix, int firstKey, int keys) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = firstKey; i < firstKey + keys; i++) {
      ByteString name = ByteString.copyFromUtf8(leaseId + "/" + i);
      txn.addSuccess(
          RequestOp.newBuilder()
              .setRequestPut(
                  PutRequest.newBuilder().setKey(prefix.concat(name)).setLease(leaseId)));
    }
    return txn.build().toByteArray();
  }
}

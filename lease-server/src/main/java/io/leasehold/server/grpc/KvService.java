package io.leasehold.server.grpc;

import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.CompactionResponse;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.key.KeySpace;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.OpResult;
import io.leasehold.core.key.RangeQueries;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.Txn;
import io.leasehold.core.key.TxnAnswer;
import io.leasehold.core.key.TxnResult;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.Replica;
import io.leasehold.server.metrics.KeyMetrics;
import io.leasehold.server.metrics.KeyMetrics.Call;
import io.leasehold.server.quota.SpaceQuota;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.Recovery;
import io.leasehold.server.route.RequestFailure;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * etcd's KV service. What changes keys goes through the log, what reads them is served here: behind
 * a read barrier, or at once when the client says that it may be stale.
 *
 * <p>Checks run on event loops, reads and large answers on the threads of {@link KeyReads}, the
 * other answers on the thread that has them.
 */
public final class KvService extends KVGrpc.KVImplBase {
  /** What the apply thread may be kept with: some microseconds. */
  private static final long SMALL_BYTES = 16 * 1024;

  /** What a key takes beside its name and value. */
  private static final long KEY_OVERHEAD_BYTES = 32;

  private final Replica replica;
  private final LeaseRouter router;
  private final Recovery recovery;
  private final KeyReads reads;
  private final ReadMemory readMemory;
  private final KeyRequestCheck check;
  private final SpaceQuota quota;
  private final ResponseHeaders headers;
  private final NanoClock clock;
  private final KeyMetrics metrics;

  /**
   * @param operationsMax most operations in a transaction
   */
  public KvService(
      Replica replica,
      LeaseRouter router,
      Recovery recovery,
      KeyReads reads,
      ReadMemory readMemory,
      int operationsMax,
      int requestBytesMax,
      SpaceQuota quota,
      ResponseHeaders headers,
      NanoClock clock,
      KeyMetrics metrics) {
    this.replica = replica;
    this.router = router;
    this.recovery = recovery;
    this.reads = reads;
    this.readMemory = readMemory;
    this.check = new KeyRequestCheck(operationsMax, requestBytesMax);
    this.quota = quota;
    this.headers = headers;
    this.clock = clock;
    this.metrics = metrics;
  }

  @Override
  public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
    KeyAnswer<RangeResponse> answer = answer(observer, Call.RANGE);
    EtcdError error = check.range(request);
    if (error != null) {
      answer.refuse(error);
      return;
    }
    RangeQuery query = KeyMessages.query(request);
    read(
        request.getSerializable(),
        query.range().isSingle(),
        answer,
        view -> {
          KeyRefusal refusal = RangeQueries.refusal(view, query);
          if (refusal != null) {
            answer.refuse(EtcdError.of(refusal));
            return;
          }
          try (ReadMemory.Share memory = readMemory.share()) {
            OpResult.Range found = RangeQueries.answer(view, query, memory);
            if (found == null) {
              answer.refuse(memory.refusal());
            } else {
              answer.send(KeyMessages.rangeResponse(found, headers.at(view.revision())));
            }
          }
        });
  }

  @Override
  public void put(PutRequest request, StreamObserver<PutResponse> observer) {
    KeyAnswer<PutResponse> answer = answer(observer, Call.PUT);
    EtcdError error = check.put(request);
    if (error == null && !quota.takes(request.getSerializedSize())) {
      error = EtcdError.NO_SPACE;
    }
    if (error != null) {
      answer.refuse(error);
      return;
    }
    transact(
        Txn.of(KeyMessages.put(request)),
        request.getSerializedSize(),
        answer,
        transacted ->
            KeyMessages.putResponse(
                (OpResult.Put) transacted.result().results().get(0),
                headers.at(transacted.revision())));
  }

  @Override
  public void deleteRange(
      DeleteRangeRequest request, StreamObserver<DeleteRangeResponse> observer) {
    KeyAnswer<DeleteRangeResponse> answer = answer(observer, Call.DELETE_RANGE);
    EtcdError error = check.deleteRange(request);
    if (error != null) {
      answer.refuse(error);
      return;
    }
    transact(
        Txn.of(KeyMessages.deleteRange(request)),
        request.getSerializedSize(),
        answer,
        transacted ->
            KeyMessages.deleteResponse(
                (OpResult.DeleteRange) transacted.result().results().get(0),
                headers.at(transacted.revision())));
  }

  @Override
  public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
    KeyAnswer<TxnResponse> answer = answer(observer, Call.TXN);
    EtcdError error = check.txn(request);
    if (error != null) {
      answer.refuse(error);
      return;
    }
    Txn txn = KeyMessages.txn(request);
    if (txn.hasPut() && !quota.takes(request.getSerializedSize())) {
      answer.refuse(EtcdError.NO_SPACE);
    } else if (txn.isReadOnly()) {
      read(
          KeyMessages.isSerializable(request),
          readsSingleKeys(txn),
          answer,
          view -> {
            try (ReadMemory.Share memory = readMemory.share()) {
              TxnAnswer read = KeySpace.read(view, txn, memory);
              if (read instanceof TxnAnswer.Ran ran) {
                answer.send(KeyMessages.txnResponse(ran.result(), headers.at(view.revision())));
              } else if (read instanceof TxnAnswer.Refused refused) {
                answer.refuse(
                    refused.why() == KeyRefusal.TOO_LARGE
                        ? memory.refusal()
                        : EtcdError.of(refused.why()));
              }
            }
          });
    } else {
      transact(
          txn,
          request.getSerializedSize(),
          answer,
          transacted ->
              KeyMessages.txnResponse(transacted.result(), headers.at(transacted.revision())));
    }
  }

  @Override
  public void compact(CompactionRequest request, StreamObserver<CompactionResponse> observer) {
    KeyAnswer<CompactionResponse> answer = answer(observer, Call.COMPACT);
    router.propose(
        new Command.Compact(request.getRevision()),
        request.getSerializedSize(),
        new OutcomeAnswer<>(answer) {
          @Override
          void changed(Outcome outcome) {
            if (outcome instanceof Outcome.Compacted compacted) {
              CompactionResponse response =
                  CompactionResponse.newBuilder()
                      .setHeader(headers.at(compacted.revision()))
                      .build();
              if (request.getPhysical()) {
                replica.whenScrubbed(
                    request.getRevision(),
                    isScrubbed -> {
                      if (isScrubbed) {
                        answer.send(response);
                      } else {
                        answer.fail(EtcdError.STOPPED);
                      }
                    });
              } else {
                answer.send(response);
              }
            }
          }
        });
  }

  private <T> KeyAnswer<T> answer(StreamObserver<T> observer, Call call) {
    return new KeyAnswer<>(observer, call, metrics, clock);
  }

  private void read(
      boolean isSerializable, boolean isSmall, KeyAnswer<?> answer, Consumer<KeyView> read) {
    if (isSerializable && recovery.isOver()) {
      readNow(isSmall, answer, read);
      return;
    }
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            readNow(isSmall, answer, read);
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  /** Reads, unless members differ: then one of them would show what the others do not have. */
  private void readNow(boolean isSmall, KeyAnswer<?> answer, Consumer<KeyView> read) {
    if (replica.alarms().stream().anyMatch(record -> record.alarm() == Alarm.CORRUPT)) {
      answer.refuse(EtcdError.CORRUPT);
    } else {
      reads.read(isSmall, read::accept, answer::fail);
    }
  }

  /** Has a transaction applied. A small answer leaves on the thread that has it. */
  private <T> void transact(
      Txn txn, int bytes, KeyAnswer<T> answer, Function<Outcome.Transacted, T> response) {
    router.propose(
        new Command.Transact(txn),
        bytes,
        new OutcomeAnswer<>(answer) {
          @Override
          void changed(Outcome outcome) {
            if (outcome instanceof Outcome.Transacted transacted) {
              if (bytes(transacted.result()) <= SMALL_BYTES) {
                answer.send(response.apply(transacted));
              } else {
                reads.execute(() -> answer.send(response.apply(transacted)));
              }
            }
          }
        });
  }

  /** Tells whether a transaction that only reads asks for keys by name. */
  private static boolean readsSingleKeys(Txn txn) {
    return txn.comparisons().stream().allMatch(comparison -> comparison.range().isSingle())
        && readSingleKeys(txn.success())
        && readSingleKeys(txn.failure());
  }

  private static boolean readSingleKeys(List<Op> operations) {
    for (Op operation : operations) {
      boolean isSingle =
          (operation instanceof Op.Range range && range.query().range().isSingle())
              || (operation instanceof Op.Nested nested && readsSingleKeys(nested.txn()));
      if (!isSingle) {
        return false;
      }
    }
    return true;
  }

  /** Returns the bytes of the keys and values in a result, roughly. */
  private static long bytes(TxnResult result) {
    long bytes = 0;
    for (OpResult operation : result.results()) {
      if (operation instanceof OpResult.Range range) {
        bytes += bytes(range.keyValues());
      } else if (operation instanceof OpResult.DeleteRange delete) {
        bytes += bytes(delete.previous());
      } else if (operation instanceof OpResult.Put put && put.previous() != null) {
        bytes += bytes(List.of(put.previous()));
      } else if (operation instanceof OpResult.Nested nested) {
        bytes += bytes(nested.result());
      }
    }
    return bytes;
  }

  private static long bytes(List<KeyValue> keyValues) {
    long bytes = 0;
    for (KeyValue keyValue : keyValues) {
      bytes += keyValue.key().length() + keyValue.value().length() + KEY_OVERHEAD_BYTES;
    }
    return bytes;
  }

  /** Answers a client what became of its command. */
  private abstract static class OutcomeAnswer<T> implements LeaseRouter.CommandCallback {
    private final KeyAnswer<T> answer;

    OutcomeAnswer(KeyAnswer<T> answer) {
      this.answer = answer;
    }

    /** The command was not refused. */
    abstract void changed(Outcome outcome);

    @Override
    public void applied(Outcome outcome) {
      if (outcome instanceof Outcome.KeysRefused refused) {
        answer.refuse(EtcdError.of(refused.why()));
      } else {
        changed(outcome);
      }
    }

    @Override
    public void failed(RequestFailure failure) {
      answer.failed(failure);
    }
  }
}

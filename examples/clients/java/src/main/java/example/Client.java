package example;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.DoubleValue;
import com.google.protobuf.FloatValue;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.StringValue;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.UInt64Value;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.BlockingClientCall;
import java.io.File;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import taskscheduler.TaskSchedulerGrpc;
import taskscheduler.TaskSchedulerOuterClass.BatchRequest;
import taskscheduler.TaskSchedulerOuterClass.CancelRequest;
import taskscheduler.TaskSchedulerOuterClass.DescribeTaskRequest;
import taskscheduler.TaskSchedulerOuterClass.ListValue;
import taskscheduler.TaskSchedulerOuterClass.MapValue;
import taskscheduler.TaskSchedulerOuterClass.NodeInfoRequest;
import taskscheduler.TaskSchedulerOuterClass.ResultRequest;
import taskscheduler.TaskSchedulerOuterClass.TaskEvent;
import taskscheduler.TaskSchedulerOuterClass.TaskRequest;
import taskscheduler.TaskSchedulerOuterClass.TaskResponse;
import taskscheduler.TaskSchedulerOuterClass.WaitResultRequest;
import taskscheduler.TaskSchedulerOuterClass.WatchTaskRequest;

/** Calls Task Scheduler from Java. usage: Client HOST:PORT [CA.PEM] */
public final class Client {
    /** A Java value as an argument. */
    static Any pack(Object value) {
        if (value instanceof Boolean b) return Any.pack(BoolValue.of(b));
        if (value instanceof Integer i) return Any.pack(Int32Value.of(i));
        if (value instanceof Long l) return Any.pack(Int64Value.of(l));
        if (value instanceof Float f) return Any.pack(FloatValue.of(f));
        if (value instanceof Double d) return Any.pack(DoubleValue.of(d));
        if (value instanceof String s) return Any.pack(StringValue.of(s));
        if (value instanceof byte[] b) return Any.pack(BytesValue.of(ByteString.copyFrom(b)));
        if (value instanceof List<?> items) {
            ListValue.Builder list = ListValue.newBuilder();
            items.forEach(item -> list.addValues(pack(item)));
            return Any.pack(list.build());
        }
        if (value instanceof Map<?, ?> fields) {
            MapValue.Builder map = MapValue.newBuilder();
            fields.forEach((key, item) -> map.putFields((String) key, pack(item)));
            return Any.pack(map.build());
        }
        throw new IllegalArgumentException(value + " is of no type of the contract");
    }

    /** The value of an answer to a request with typed_result. Java has no unsigned numbers: they come as bits. */
    static Object unpack(Any packed) throws InvalidProtocolBufferException {
        if (packed.is(BoolValue.class)) return packed.unpack(BoolValue.class).getValue();
        if (packed.is(Int32Value.class)) return packed.unpack(Int32Value.class).getValue();
        if (packed.is(Int64Value.class)) return packed.unpack(Int64Value.class).getValue();
        if (packed.is(UInt32Value.class)) return packed.unpack(UInt32Value.class).getValue();
        if (packed.is(UInt64Value.class)) return packed.unpack(UInt64Value.class).getValue();
        if (packed.is(FloatValue.class)) return packed.unpack(FloatValue.class).getValue();
        if (packed.is(DoubleValue.class)) return packed.unpack(DoubleValue.class).getValue();
        if (packed.is(StringValue.class)) return packed.unpack(StringValue.class).getValue();
        if (packed.is(BytesValue.class)) return packed.unpack(BytesValue.class).getValue().toByteArray();
        if (packed.is(ListValue.class)) {
            var items = new ArrayList<Object>();
            for (Any item : packed.unpack(ListValue.class).getValuesList()) items.add(unpack(item));
            return items;
        }
        var fields = new HashMap<String, Object>();
        for (var field : packed.unpack(MapValue.class).getFieldsMap().entrySet()) {
            fields.put(field.getKey(), unpack(field.getValue()));
        }
        return fields;
    }

    /** Tells what happens to a task until it has ended, over as many connections as that takes. */
    static void watch(TaskSchedulerGrpc.TaskSchedulerBlockingV2Stub tasks, String id, Consumer<TaskEvent> tell)
            throws Exception {
        for (long last = 0; ; Thread.sleep(1000)) {
            var request = WatchTaskRequest.newBuilder().setTaskId(id).setAfter(last).build();
            var events = tasks.watchTask(request);
            try {
                for (TaskEvent event; (event = events.read()) != null; ) {
                    last = event.getNumber();
                    tell.accept(event);
                    if (event.hasEnded()) return;
                }
            } catch (StatusException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) throw e;
            }
        }
    }

    static TaskRequest.Builder task(String method, Object... args) {
        TaskRequest.Builder request = TaskRequest.newBuilder().setMethod(method);
        for (Object arg : args) request.addArgs(pack(arg));
        return request;
    }

    /** Tried again: what the server could not take up. A task with an id of the caller's runs once. */
    static final Map<String, ?> SERVICE_CONFIG = Map.of("methodConfig", List.of(Map.of(
            "name", List.of(Map.of("service", "taskscheduler.TaskScheduler")),
            "retryPolicy", Map.of(
                    "maxAttempts", 5.0,
                    "initialBackoff", "0.1s",
                    "maxBackoff", "2s",
                    "backoffMultiplier", 2.0,
                    "retryableStatusCodes", List.of("UNAVAILABLE")))));

    public static void main(String[] args) throws Exception {
        var credentials = args.length < 2 ? InsecureChannelCredentials.create()
                : TlsChannelCredentials.newBuilder().trustManager(new File(args[1])).build();
        ManagedChannel channel = Grpc.newChannelBuilder(args[0], credentials)
                .defaultServiceConfig(SERVICE_CONFIG).enableRetry().build();
        try {
            call(TaskSchedulerGrpc.newBlockingStub(channel));
            stream(TaskSchedulerGrpc.newBlockingV2Stub(channel));
        } finally {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    static void call(TaskSchedulerGrpc.TaskSchedulerBlockingStub stub) throws Exception {
        // The deadline counts from here, and is one for all calls of such a stub.
        var tasks = stub.withDeadlineAfter(60, TimeUnit.SECONDS);
        System.out.println("SubmitTask: " + tasks.submitTask(task("add", 1, 2, 3).build()).getResult());

        var person = Map.of("name", "Ada", "age", 36, "isStudent", false, "scores", List.of(88.5, 95.5));
        System.out.println("SubmitTask: " + tasks.submitTask(task("process_person_map", person).build()).getResult());

        try {
            tasks.submitTask(task("nix").build());
        } catch (StatusRuntimeException e) {
            System.out.println("SubmitTask: " + e.getStatus().getCode() + " " + e.getStatus().getDescription());
        }

        tasks.submitTask(task("fibonacci", 50).setTaskId("java-f50").setDetached(true).build());
        var wait = WaitResultRequest.newBuilder().setTaskId("java-f50").setTimeoutMs(30_000).build();
        System.out.println("WaitResult: " + tasks.waitResult(wait).getResult());
        var result = ResultRequest.newBuilder().setTaskId("java-f50").build();
        System.out.println("GetResult: " + tasks.getResult(result).getStatus());

        tasks.submitTask(task("ping").setTaskId("java-waits").addDeps("nobody")
                .setDependencyTimeoutMs(60_000).setDetached(true).build());
        var cancel = CancelRequest.newBuilder().setTaskId("java-waits").build();
        System.out.println("CancelTask: " + tasks.cancelTask(cancel).getCancelled());

        var node = tasks.getNodeInfo(NodeInfoRequest.getDefaultInstance());
        System.out.println("GetNodeInfo: " + node.getMethodsList().contains("add"));
        var add = tasks.describeTask(DescribeTaskRequest.newBuilder().setMethod("add").build());
        System.out.println("DescribeTask: " + add.getSignature());

        var batch = tasks.submitBatch(BatchRequest.newBuilder()
                .addTasks(task("add", 1, 2).setTaskId("java-sum").setTypedResult(true))
                .addTasks(task("ping").addDeps("java-sum").setInjectDependencyResults(true).setTypedResult(true))
                .build());
        var values = new ArrayList<Object>();
        for (TaskResponse answer : batch.getResultsList()) values.add(unpack(answer.getValue()));
        System.out.println("SubmitBatch: " + values);
    }

    static void stream(TaskSchedulerGrpc.TaskSchedulerBlockingV2Stub tasks) throws Exception {
        tasks.submitTask(task("delete", "x").setTaskId("java-d").setDetached(true).build());
        watch(tasks, "java-d", event -> {
            if (event.hasProgress()) System.out.println("WatchTask: " + event.getProgress().getFraction());
            if (event.hasLog()) System.out.println("WatchTask: " + event.getLog().getText());
            if (event.hasEnded()) System.out.println("WatchTask: " + event.getEnded().getStatus() + " " + event.getEnded().getResult());
        });

        // One thread sends, while this one takes the answers.
        BlockingClientCall<TaskRequest, TaskResponse> call = tasks.submitTasks();
        var sender = new Thread(() -> {
            try {
                for (int i = 1; i <= 100; i++) call.write(task("add", i, 10).setSequence(i).build());
                call.halfClose();
            } catch (InterruptedException | StatusException e) {
                call.cancel("can't send", e);
            }
        });
        sender.start();
        int sum = 0;
        for (TaskResponse answer; (answer = call.read()) != null; ) sum += Integer.parseInt(answer.getResult());
        System.out.println("SubmitTasks: " + sum);
    }
}

package org.secateur.profilers.cuda;

import static jcuda.jcudnn.JCudnn.cudnnGetConvolution2dForwardOutputDim;
import static jcuda.jcudnn.JCudnn.cudnnGetPooling2dForwardOutputDim;
import static jcuda.jcudnn.JCudnn.cudnnGetTensor4dDescriptor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnMathType;
import jcuda.jcudnn.cudnnOpTensorOp;
import jcuda.jcudnn.cudnnPoolingDescriptor;
import jcuda.jcudnn.cudnnPoolingMode;
import jcuda.jcudnn.cudnnStatus;
import jcuda.jcudnn.cudnnTensorDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.secateur.results.core.DataType;
import org.secateur.results.core.Extent;
import org.secateur.results.core.Layout;
import org.secateur.results.core.Operation.ActivationKind;
import org.secateur.results.core.Operation.Convolution;
import org.secateur.results.core.Operation.Pooling;
import org.secateur.results.core.Operation.PoolingKind;
import org.secateur.results.core.SecateurException;

/**
 * What the real cuDNN says of our descriptors. It needs no GPU and no driver, but the library: where one is installed,
 * or unpacked by {@code -Pcuda-redist}.
 */
@Tag("native")
class RealCudnnIT {
    private static final int SUCCESS = 0;

    private static String reason = "";

    private final Resources scope = new Resources();
    private final Descriptors descriptors = new Descriptors(Gpu.none(), scope);

    @BeforeAll
    static void load() {
        Optional<Path> named = Optional.ofNullable(System.getProperty(CudaDeviceProvider.CUDNN))
                .map(Path::of);
        try {
            Path cudnn = new LibraryPlaces(Path.of("/"), System.getenv()).cudnn(named);
            CudaLibraries.loadCudnn(cudnn.toAbsolutePath());
        } catch (SecateurException e) {
            reason = String.valueOf(e.getMessage());
        }
    }

    @BeforeEach
    void itIsHere() {
        assumeTrue(reason.isEmpty(), () -> "skipped: " + reason);
    }

    @AfterEach
    void everythingIsDestroyedWithoutAnError() {
        scope.close();
    }

    @Test
    void itIsOfVersionNine() {
        assertThat(Gpu.cudnnVersion()).matches("9\\.[0-9]+\\.[0-9]+");
    }

    static Stream<Arguments> numerics() {
        return Stream.of(DataType.values())
                .flatMap(type -> Stream.of(Layout.values()).map(layout -> Arguments.of(type, layout)));
    }

    private static int[] one() {
        return new int[1];
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void aTensorLiesInMemoryAsItsOperandsDo(DataType type, Layout layout) {
        int[] strides = PixelPlans.strides(layout, 6, 5, 7);
        for (cudnnTensorDescriptor tensor :
                List.of(descriptors.tensor(type, layout, 2, 6, 5, 7), descriptors.part(type, 2, 6, 5, 7, strides))) {
            int[][] told = {one(), one(), one(), one(), one(), one(), one(), one(), one()};
            assertThat(cudnnGetTensor4dDescriptor(
                            tensor, told[0], told[1], told[2], told[3], told[4], told[5], told[6], told[7], told[8]))
                    .isEqualTo(SUCCESS);
            assertThat(Stream.of(told).skip(1).map(number -> number[0]))
                    .containsExactly(2, 6, 5, 7, strides[0], strides[1], strides[2], strides[3]);
        }
    }

    @ParameterizedTest
    @MethodSource("numerics")
    void aConvolutionsOutputIsAsLargeAsItsOperationSays(DataType type, Layout layout) {
        Extent one = Extent.of(1);
        List<Convolution> convolutions = List.of(
                new Convolution(3, 4, 7, 6, 5, 3, 3, one, one, one, 1),
                new Convolution(2, 4, 9, 9, 6, 3, 2, new Extent(2, 1), new Extent(2, 0), new Extent(2, 3), 2),
                new Convolution(2, 6, 5, 5, 6, 3, 3, one, one, one, 6));
        for (Convolution o : convolutions) {
            for (int math : new int[] {
                cudnnMathType.CUDNN_FMA_MATH, cudnnMathType.CUDNN_DEFAULT_MATH, cudnnMathType.CUDNN_TENSOR_OP_MATH
            }) {
                cudnnConvolutionDescriptor convolution = descriptors.convolution(o, math);
                int[][] told = {one(), one(), one(), one()};
                assertThat(cudnnGetConvolution2dForwardOutputDim(
                                convolution,
                                descriptors.tensor(type, layout, o.n(), o.c(), o.h(), o.w()),
                                descriptors.filter(type, layout, o.k(), o.c() / o.groups(), o.r(), o.s()),
                                told[0],
                                told[1],
                                told[2],
                                told[3]))
                        .isEqualTo(SUCCESS);
                assertThat(Stream.of(told).map(number -> number[0]))
                        .containsExactly(o.n(), o.k(), o.outputHeight(), o.outputWidth());
            }
        }
    }

    @Test
    void aPoolsOutputIsAsLargeAsItsOperationSays() {
        for (PoolingKind kind : PoolingKind.values()) {
            Pooling o = new Pooling(2, 3, 7, 6, kind, Extent.of(3), Extent.of(2), Extent.of(1), false);
            for (int mode : new int[] {
                cudnnPoolingMode.CUDNN_POOLING_MAX,
                cudnnPoolingMode.CUDNN_POOLING_MAX_DETERMINISTIC,
                cudnnPoolingMode.CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING
            }) {
                cudnnPoolingDescriptor pooling = descriptors.pooling(mode, o.window(), o.padding(), o.stride());
                int[][] told = {one(), one(), one(), one()};
                assertThat(cudnnGetPooling2dForwardOutputDim(
                                pooling,
                                descriptors.tensor(DataType.F32, Layout.NCHW, o.n(), o.c(), o.h(), o.w()),
                                told[0],
                                told[1],
                                told[2],
                                told[3]))
                        .isEqualTo(SUCCESS);
                assertThat(Stream.of(told).map(number -> number[0]))
                        .containsExactly(o.n(), o.c(), o.outputHeight(), o.outputWidth());
            }
        }
    }

    @Test
    void everyOtherDescriptorIsAccepted() {
        for (ActivationKind kind : List.of(ActivationKind.RELU, ActivationKind.RELU6, new ActivationKind(0, 1.5))) {
            assertThat(descriptors.activation(kind)).isNotNull();
            for (DataType type : DataType.values()) {
                assertThat(descriptors.activationGradient(kind, type)).isNotNull();
            }
        }
        assertThat(descriptors.elementwise(cudnnOpTensorOp.CUDNN_OP_TENSOR_ADD)).isNotNull();
        assertThat(descriptors.elementwise(cudnnOpTensorOp.CUDNN_OP_TENSOR_MUL)).isNotNull();
        assertThat(descriptors.sum()).isNotNull();
    }

    @Test
    void whatIsNoTensorIsABadParameter() {
        assertThatThrownBy(() -> descriptors.tensor(DataType.F32, Layout.NCHW, 1, 0, 1, 1))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("cudnnSetTensor4dDescriptor")
                .hasMessageContaining("BAD_PARAM");
    }

    /** 1001 in cuDNN 9, where JCudnn's classes are older. */
    @Test
    void withoutADriverThereIsNoHandle() {
        boolean driver = true;
        try {
            new LibraryPlaces(Path.of("/"), System.getenv()).driver();
        } catch (SecateurException e) {
            driver = false;
        }
        assumeTrue(!driver, "skipped: there is a driver here");
        int status = JCudnn.cudnnCreate(new cudnnHandle());
        assertThat(status).isNotEqualTo(cudnnStatus.CUDNN_STATUS_SUCCESS);
        assertThat(JCudnn.cudnnGetErrorString(status)).contains("NOT_INITIALIZED");
    }
}

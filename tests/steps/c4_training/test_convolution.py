"""The convolutional digit network against its formula."""

import pytest
import torch

from groundup.steps.c4_training.convolution import ConvolutionalNetwork


def test_first_layer_is_the_formula():
    torch.manual_seed(0)
    network = ConvolutionalNetwork(channels=2).double()
    picture = torch.rand(1, 1, 28, 28, dtype=torch.float64)
    found = network.first(picture)
    wide = torch.nn.functional.pad(picture, (2, 2, 2, 2))[0, 0]
    weight, bias = network.first.weight, network.first.bias
    for channel, row, column in [(0, 0, 0), (1, 13, 5), (0, 27, 27)]:
        expected = bias[channel] + (weight[channel, 0] * wide[row : row + 5, column : column + 5]).sum()
        assert found[0, channel, row, column].item() == pytest.approx(expected.item(), abs=1e-12)


def test_a_row_of_pixels_is_read_line_by_line_and_each_picture_by_itself():
    torch.manual_seed(0)
    network = ConvolutionalNetwork(channels=2, classes=3).double().eval()
    pictures = torch.rand(4, 784, dtype=torch.float64)
    scores = network(pictures)
    assert scores.shape == (4, 3)
    torch.testing.assert_close(network(pictures[2:3]), scores[2:3])
    turned = pictures.view(4, 28, 28).transpose(1, 2).reshape(4, 784)
    assert not torch.allclose(network(turned), scores)


def test_dropout_is_off_in_evaluation():
    torch.manual_seed(0)
    network = ConvolutionalNetwork(channels=2, dropout=0.5)
    pictures = torch.rand(2, 784)
    assert not torch.equal(network(pictures), network(pictures))
    network.eval()
    assert torch.equal(network(pictures), network(pictures))

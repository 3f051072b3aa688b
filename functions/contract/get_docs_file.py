"""GET /docs/{file}"""

from contract.docs_files import docs_file
from shared.contract import Contract, PathParameter, contract
from shared.http import Request, Response, public_operation
from shared.problems import NotFoundError


@public_operation
@contract(
    Contract(
        path={"file": PathParameter("A file that the page names", "oauth2-redirect.html")},
        gives=str,
        media_types=("text/css", "text/html", "text/javascript"),
        refuses=(NotFoundError,),
    )
)
def handler(request: Request) -> Response:
    """A file of the page that explains this API.

    Those with a hash in their name may be kept for good.
    """
    return docs_file(request.path_parameters["file"]).answer(request)

"""GET /docs/{file}"""

from shared.http import Request, Response, public_operation
from shared.interface import Interface, PathParameter, interface
from shared.problems import NotFoundError
from web.docs_files import docs_file


@public_operation
@interface(
    Interface(
        path={"file": PathParameter("A file that the page names", "oauth2-redirect.html")},
        gives=str,
        media_types=("text/css", "text/html", "text/javascript"),
        refuses=(NotFoundError,),
    )
)
def handler(request: Request) -> Response:
    """Get a file of the documentation page.

    Files with a hash in their name may be cached forever.
    """
    return docs_file(request.path_parameters["file"]).answer(request)
